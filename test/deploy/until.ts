import { setTimeout as sleep } from 'node:timers/promises';

/** What is waited for cannot come any more. */
export class Ended extends Error {}

/** Asks again and again until the answer is yes. @throws the last failure, or that it stayed no, after the patience */
export async function until(ask: () => boolean | Promise<boolean>, patienceMilliseconds = 60_000): Promise<void> {
  const deadline = Date.now() + patienceMilliseconds;
  for (;;) {
    let failure: unknown = new Error('it did not come to that');
    try {
      if (await ask()) return;
    } catch (error) {
      failure = error;
    }
    if (Date.now() > deadline || failure instanceof Ended) throw failure;
    await sleep(25);
  }
}
