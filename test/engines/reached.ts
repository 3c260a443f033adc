import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const START_MILLISECONDS = 20_000;

/**
 * Settles when somebody listens at an address.
 *
 * @param isOver whether nobody ever will
 * @throws Error that begins with `why`
 */
export async function reached(
  { hostname, port }: { readonly hostname: string; readonly port: number | string },
  isOver: () => boolean,
  why: string,
  milliseconds = START_MILLISECONDS,
): Promise<void> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const socket = connect(Number(port), hostname);
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (isOver() || Date.now() > deadline) throw new Error(`${why} nobody listens`, { cause: error });
      await sleep(50);
    } finally {
      socket.destroy();
    }
  }
}
