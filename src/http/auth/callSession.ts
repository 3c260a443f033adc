import type { AccountDocument } from '../../projections/accounts.js';
import { newSession, type Session, type Sessions } from './sessions.js';

/** The session of one request, and what the request makes of it. */
export class CallSession {
  #present: Session | undefined;
  #changed = false;
  #renewed = false;

  constructor(
    private readonly deps: {
      readonly sessions: Sessions;
      readonly present: Session | undefined;
      /** Whether operations that need a recent password need one of this caller (conventions §4). */
      readonly needsFresh: boolean;
      readonly freshMilliseconds: number;
      readonly now: () => number;
    },
  ) {
    this.#present = deps.present;
  }

  /** Of a route that asks for no recent password. */
  static of(sessions: Sessions, present: Session | undefined): CallSession {
    return new CallSession({ sessions, present, needsFresh: false, freshMilliseconds: 0, now: Date.now });
  }

  /** The token that state-changing requests of this session repeat; made, and with it the session, if there is none. */
  get csrf(): string {
    return this.#ensure().csrf;
  }

  /** What an external provider carries through as `state`. */
  get oauthCsrf(): string {
    return this.#ensure().oauthCsrf;
  }

  get isFresh(): boolean {
    if (!this.deps.needsFresh) return true;
    const loginTime = this.#present?.loginTime ?? 0;
    return loginTime + this.deps.freshMilliseconds > this.deps.now();
  }

  /** Signs somebody in: the password was right just now. Tokens of the session before are void. */
  begin({ id, sessionGeneration }: Pick<AccountDocument, 'id' | 'sessionGeneration'>): void {
    this.#present = { ...newSession(), account: id, generation: sessionGeneration, loginTime: this.deps.now() };
    this.#changed = this.#renewed = true;
  }

  /** Nobody is signed in any more. */
  end(): void {
    this.#present = newSession();
    this.#changed = true;
  }

  /** The header lines that tell the client of it. */
  async headers(): Promise<{ readonly [name: string]: string }> {
    const { sessions } = this.deps;
    if (!this.#present || !(this.#changed || sessions.isStale(this.#present))) return {};
    const cookie = { 'Set-Cookie': await sessions.cookie(this.#present) };
    return this.#renewed ? { ...cookie, 'X-Next-CSRF-Token': this.#present.csrf } : cookie;
  }

  #ensure(): Session {
    if (this.#present) return this.#present;
    this.#changed = true;
    return (this.#present = newSession());
  }
}
