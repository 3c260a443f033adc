import { plusSeconds, type Timestamp } from '../domain/shared/time.js';
import type { Clock } from '../ports/clock.js';
import { VersionConflict } from '../ports/errors.js';
import type { OperationalStore } from '../ports/operationalStore.js';

/** Of `OperationalStore`; what is due in it is forgotten. */
export const MAIL_COUNTS = 'mailCounts';

type CountRecord = { readonly count: number; readonly until: Timestamp };

const MOST = 5;
const SECONDS = 600;

/** So that nobody is buried in mail that others ask for in his name: a few to one address, then none for a while. */
export class MailBrake {
  constructor(private readonly deps: { readonly operational: OperationalStore; readonly clock: Clock }) {}

  /**
   * Whether one more may go there now; counts it if so.
   *
   * @param what kind of mail it is: each kind is counted by itself
   * @param hmac of the address
   */
  async allows(what: string, hmac: string): Promise<boolean> {
    const { operational, clock } = this.deps;
    const key = `${what}/${hmac}`;
    for (;;) {
      const record = await operational.get<CountRecord>(MAIL_COUNTS, key);
      const isOver = record === undefined || record.value.until <= clock.now();
      if (!isOver && record.value.count >= MOST) return false;
      const until = isOver ? plusSeconds(clock.now(), SECONDS) : record.value.until;
      const value: CountRecord = { count: isOver ? 1 : record.value.count + 1, until };
      const expected = record?.version ?? 0;
      try {
        await operational.write([{ kind: 'put', collection: MAIL_COUNTS, key, value, due: until, expected }]);
        return true;
      } catch (error) {
        // Somebody else asked for one at the same time.
        if (!(error instanceof VersionConflict)) throw error;
      }
    }
  }
}
