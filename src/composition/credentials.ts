import { LoginAttempts } from '../commands/loginAttempts.js';
import type { PasswordHasher } from '../commands/passwords.js';
import type { Config } from '../config/config.js';
import { AppTokenChecker } from '../http/auth/checkers/appToken.js';
import { OAuthTokenChecker } from '../http/auth/checkers/oauthToken.js';
import { PasswordChecker } from '../http/auth/checkers/password.js';
import { RobotChecker } from '../http/auth/checkers/robot.js';
import { Credentials } from '../http/auth/credentials.js';
import type { EncryptedPasswords } from '../http/auth/encryptedPassword.js';
import type { RobotPasses } from '../http/auth/robotPasses.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { robotsAllowed, type Core } from './core.js';

export type CredentialsOptions = {
  readonly config: Config;
  readonly core: Core;
  readonly operational: OperationalStore;
  readonly passwords: PasswordHasher;
  readonly encrypted: EncryptedPasswords;
  readonly passes: RobotPasses;
};

/** All that somebody may show to prove who he is, each kind with its checker. */
export function openCredentials({
  config,
  core,
  operational,
  passwords,
  encrypted,
  passes,
}: CredentialsOptions): Credentials {
  const { sealing, clock, lastUses } = core;
  const { accounts, namespaces, robots, applications } = core.queries;
  const attempts = new LoginAttempts({ operational, sealing, clock });
  const checkers = {
    password: new PasswordChecker({
      ...{ accounts, sealing, passwords, encrypted, attempts },
      encryptedOnly: config.isOn('REQUIRE_ENCRYPTED_BASIC_AUTH'),
    }),
    robot: new RobotChecker({
      ...{ namespaces, robots, accounts, sealing, passes },
      allowed: robotsAllowed(config),
    }),
    appToken: new AppTokenChecker({
      ...{ accounts, sealing, clock },
      enabled: config.isOn('APP_SPECIFIC_TOKENS'),
    }),
    oauthToken: new OAuthTokenChecker({ applications, accounts, sealing, clock }),
  };
  return new Credentials(checkers, (credential) => {
    lastUses.note(credential);
  });
}
