import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Outcome, Task } from './tasks.js';

const program = fileURLToPath(new URL('generator.js', import.meta.url));

type Reply = { readonly outcome: Outcome } | { readonly error: string };

/** The load generator in its own process; one task at a time. */
export class Generator {
  readonly #child: ChildProcess = fork(program);

  async run(task: Task): Promise<Outcome> {
    const replied = once(this.#child, 'message');
    this.#child.send(task);
    // The other end is `generator.ts`: it sends nothing else.
    const [reply] = (await replied) as [Reply];
    if ('error' in reply) throw new Error(reply.error);
    return reply.outcome;
  }

  close(): void {
    this.#child.disconnect();
  }
}
