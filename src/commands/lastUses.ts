import { LRUCache } from 'lru-cache';
import type { CredentialRef } from '../domain/shared/envelope.js';
import { later, plusSeconds, type Timestamp } from '../domain/shared/time.js';
import type { Clock } from '../ports/clock.js';
import type { OperationalStore } from '../ports/operationalStore.js';

/** Of `OperationalStore`; what is due in it has not been used for years. */
export const LAST_USES = 'lastUses';

const REMEMBERED = 50_000;
const FORGOTTEN_SECONDS = 2 * 365 * 86_400;

type UseRecord = { readonly at: Timestamp };

export type LastUsesOptions = {
  readonly operational: OperationalStore;
  readonly clock: Clock;
  /** How exactly it is kept, in seconds; null: not at all. */
  readonly thresholdSeconds: (kind: CredentialRef['kind']) => number | null;
  /** What goes wrong in the background. */
  readonly failed: (error: unknown) => void;
};

/**
 * When each credential was last used, to a minute or so (contract: conventions §9). Using something changes nothing, and
 * happens all the time: it is written down beside the log, and nobody waits for it.
 */
export class LastUses {
  readonly #written = new LRUCache<string, Timestamp>({ max: REMEMBERED });
  #writing: Promise<void> = Promise.resolve();

  constructor(private readonly options: LastUsesOptions) {}

  note(credential: CredentialRef): void {
    const { operational, clock, thresholdSeconds, failed } = this.options;
    const seconds = thresholdSeconds(credential.kind);
    if (seconds === null) return;
    const [key, now] = [keyOf(credential), clock.now()];
    const last = this.#written.get(key);
    if (last !== undefined && plusSeconds(last, seconds) > now) return;
    this.#written.set(key, now);
    const value: UseRecord = { at: now };
    const due = plusSeconds(now, FORGOTTEN_SECONDS);
    const write = operational.write([{ kind: 'put', collection: LAST_USES, key, value, due }]).catch(failed);
    this.#writing = Promise.all([this.#writing, write]).then(() => undefined);
  }

  /** In the order of the credentials; null for one that was never used, or not for years. */
  async of(credentials: readonly CredentialRef[]): Promise<readonly (Timestamp | null)[]> {
    const keys = credentials.map(keyOf);
    const records = await this.options.operational.getMany<UseRecord>(LAST_USES, keys);
    return keys.map((key, index) => {
      const [kept, noted] = [records[index]?.value.at, this.#written.get(key)];
      return kept === undefined ? (noted ?? null) : later(kept, noted);
    });
  }

  /** Resolves when everything that was noted is written. */
  async settled(): Promise<void> {
    await this.#writing;
  }
}

/** A person is one, by whatever he comes in. */
const keyOf = ({ kind, id }: CredentialRef): string =>
  kind === 'session' || kind === 'password' ? `account/${id}` : `${kind}/${id}`;
