import type { Api } from '../api.js';
import type { UserCaller } from '../framework/call.js';
import { InvalidRequest, NotFound } from '../framework/problems.js';
import type { Rule } from '../framework/rules.js';

export type SuperuserRules = {
  readonly inspect: Rule<UserCaller>;
  readonly administer: Rule<UserCaller>;
};

/** The superuser's part of the API is not found on the hosted service (contract: superuser, "Order of the checks"). */
export function superuserRules({ rules, settings }: Pick<Api, 'rules' | 'settings'>): SuperuserRules {
  const isHosted = settings.hostname.includes('quay.io');
  const unlessHosted = (rule: Rule<UserCaller>): Rule<UserCaller> => ({
    ...rule,
    beforeBody: () => {
      if (isHosted) throw new NotFound();
    },
  });
  return { inspect: unlessHosted(rules.superuser('inspect')), administer: unlessHosted(rules.superuser('administer')) };
}

/** Told before the privilege is looked at. */
export const whereDatabase = <Target>(
  rule: Rule<Target>,
  { settings }: Pick<Api, 'settings'>,
  refusal: string,
): Rule<Target> => ({
  ...rule,
  admit: (incoming) =>
    settings.people.ownPasswords ? rule.admit(incoming) : Promise.reject(new InvalidRequest(refusal)),
});
