import type { AccountDocument } from '../../projections/accounts.js';
import type { CredentialRef } from '../../domain/shared/envelope.js';
import { decodeBasic } from './basic.js';
import type { PasswordChecker } from './checkers/password.js';
import { LoginFailed, type Checker, type Login, type PersonLogin } from './login.js';

export type Checkers = {
  readonly password: Pick<PasswordChecker, 'check' | 'owner' | 'forgive'>;
  readonly robot: Checker;
  readonly appToken: Checker;
  readonly oauthToken: Checker;
};

/** Checks who somebody is by what he shows; the user name decides what that is (contract: conventions §2). */
export class Credentials {
  /** @param used what was right, each time: when a credential was last used is kept (conventions §9) */
  constructor(
    private readonly checkers: Checkers,
    private readonly used: (credential: CredentialRef) => void = () => undefined,
  ) {}

  /** @throws LoginFailed, LoginLocked */
  async fromBasic(header: string): Promise<Login> {
    const basic = decodeBasic(header);
    if (!basic) throw new LoginFailed('Specified credentials are invalid');
    return this.login(basic.username, basic.password);
  }

  /** @throws LoginFailed, LoginLocked */
  async login(username: string, secret: string): Promise<Login> {
    if (username === '$token') throw new LoginFailed('Invalid access token');
    return this.#noted(await this.#checkerFor(username).check(username, secret));
  }

  /**
   * Only people have one.
   *
   * @param username name or e-mail address
   * @throws LoginFailed, LoginLocked
   */
  async password(username: string, password: string): Promise<PersonLogin> {
    return this.#noted(await this.checkers.password.check(username, password));
  }

  /**
   * Whose password it is, in whatever state his account may be. Takes it as it was typed: encrypted ones are for clients
   * of the registry protocol.
   *
   * @throws LoginFailed, LoginLocked
   */
  owner(username: string, password: string): Promise<AccountDocument> {
    return this.checkers.password.owner(username, password);
  }

  /** Who has a new password begins anew. @param names by which he signs in */
  async forgive(names: readonly string[]): Promise<void> {
    await this.checkers.password.forgive(names);
  }

  #noted<Right extends Login>(login: Right): Right {
    this.used(login.credential);
    return login;
  }

  #checkerFor(username: string): Checker {
    const { password, robot, appToken, oauthToken } = this.checkers;
    if (username === '$app') return appToken;
    if (username === '$oauthtoken') return oauthToken;
    // An address may hold a plus before its at sign, a robot's name holds none.
    return username.includes('+') && !username.includes('@') ? robot : password;
  }
}
