import { may } from '../../../domain/access.js';
import type { Api } from '../api.js';
import type { UserCaller } from '../framework/call.js';
import { Forbidden } from '../framework/problems.js';
import type { Rule } from '../framework/rules.js';

/** Who may found an organization: whoever may create things, or superusers alone (SUPERUSERS_ORG_CREATION_ONLY). */
export function founders({
  rules,
  directory,
  settings,
}: Pick<Api, 'rules' | 'directory' | 'settings'>): Rule<UserCaller> {
  const rule = rules.user('admin');
  return {
    ...rule,
    admit: async (incoming) => {
      const admitted = await rule.admit(incoming);
      const isSuperuser = may(incoming.subject, { on: 'instance', to: 'administer' }, directory.policy);
      const refused = settings.isOn('SUPERUSERS_ORG_CREATION_ONLY') || admitted.target.restricted;
      if (refused && !isSuperuser) throw new Forbidden();
      return admitted;
    },
  };
}
