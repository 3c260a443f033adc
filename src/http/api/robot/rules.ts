import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { UserCaller } from '../framework/call.js';
import { Forbidden, Message } from '../framework/problems.js';
import type { Rule, Rules } from '../framework/rules.js';

/** Somebody who may create things in his own namespace. */
export function unrestricted({ user }: Rules): Rule<UserCaller> {
  const rule = user('admin');
  return {
    ...rule,
    admit: async (incoming) => {
      const admitted = await rule.admit(incoming);
      const { restricted, superuser } = admitted.target;
      if (restricted && !superuser) throw new Forbidden();
      return admitted;
    },
  };
}

/**
 * An organization for those who may do so in it. One's own user name passes the permission and is no organization
 * (contract: accounts §7).
 */
export function existing(rule: Rule<NamespaceDocument>): Rule<NamespaceDocument> {
  return {
    ...rule,
    admit: async (incoming) => {
      const admitted = await rule.admit(incoming);
      const { kind, name } = admitted.target;
      if (kind !== 'organization') throw new Message(400, `Organization does not exist: ${name}`);
      return admitted;
    },
  };
}
