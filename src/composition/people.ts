import { AccountCodes } from '../commands/accountCodes.js';
import { AccountCommands } from '../commands/accounts.js';
import { AppTokenCommands } from '../commands/appTokens.js';
import { ChoiceCommands } from '../commands/choices.js';
import type { Commands } from '../commands/commands.js';
import { MailBrake } from '../commands/mailBrake.js';
import type { PasswordHasher } from '../commands/passwords.js';
import { ProfileCommands } from '../commands/profiles.js';
import type { Sealing } from '../commands/sealing.js';
import type { Streams } from '../commands/streams.js';
import type { Config } from '../config/config.js';
import type { Clock, Ids } from '../ports/clock.js';
import type { OperationalStore } from '../ports/operationalStore.js';

export type PeopleOptions = {
  readonly config: Config;
  readonly streams: Streams;
  readonly sealing: Sealing;
  readonly passwords: PasswordHasher;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly operational: OperationalStore;
};

/** What may be asked for of and by people. */
export function peopleCommands(
  options: PeopleOptions,
): Pick<Commands, 'accounts' | 'accountCodes' | 'mailBrake' | 'profiles' | 'appTokens' | 'choices'> {
  const { config, streams, sealing, passwords, clock, ids, operational } = options;
  const recoverySeconds = config.USER_RECOVERY_TOKEN_LIFETIME.seconds;
  const lifetimeSeconds = config.APP_SPECIFIC_TOKEN_EXPIRATION?.seconds ?? null;
  return {
    accounts: new AccountCommands({ streams, sealing, passwords, ids }),
    accountCodes: new AccountCodes({ operational, sealing, clock, recoverySeconds }),
    mailBrake: new MailBrake({ operational, clock }),
    profiles: new ProfileCommands({ streams, sealing, ids }),
    appTokens: new AppTokenCommands({ streams, sealing, clock, ids, lifetimeSeconds }),
    choices: new ChoiceCommands(streams),
  };
}
