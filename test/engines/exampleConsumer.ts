import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../../examples/consumer', import.meta.url));

/** What `npm start` gives to Node.js there. */
async function startArguments(): Promise<readonly string[]> {
  const { scripts } = JSON.parse(await readFile(join(FOLDER, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  return scripts.start.split(' ').slice(1);
}
const ARGUMENTS = await startArguments();

export type Settings = {
  readonly brokers: readonly string[];
  readonly prefix: string;
  readonly group: string;
  /** The file that it writes to. */
  readonly journal: string;
};

/** The example, as somebody runs it. */
export class ExampleConsumer {
  readonly #lines: string[] = [];
  readonly #complaints: string[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor({ brokers, prefix, group, journal }: Settings) {
    const env = { KAFKA_BROKERS: brokers.join(), KAFKA_TOPIC_PREFIX: prefix, KAFKA_GROUP: group, JOURNAL: journal };
    const child = spawn(process.execPath, ARGUMENTS, {
      cwd: FOLDER,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#ended = once(child, 'exit');
    const outputs = [
      [child.stdout, this.#lines],
      [child.stderr, this.#complaints],
    ] as const;
    for (const [stream, kept] of outputs) {
      createInterface(stream).on('line', (line) => {
        kept.push(line);
        this.#look();
      });
    }
    child.once('exit', () => {
      this.#look();
    });
  }

  get complaints(): readonly string[] {
    return this.#complaints;
  }

  /** Resolves when it has printed enough. @throws Error if it ends before */
  async printed(isEnough: (lines: readonly string[]) => boolean): Promise<void> {
    const done = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (isEnough(this.#lines)) done.resolve(undefined);
      else if (this.#child.exitCode !== null) done.reject(new Error(`it ended: ${this.#complaints.join('\n')}`));
    };
    this.#waiting.add(look);
    look();
    await done.promise.finally(() => this.#waiting.delete(look));
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
    await this.#ended;
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }
}

/** What it wrote down. */
export async function journalOf(path: string): Promise<readonly { readonly id: string; readonly text: string }[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as { id: string; text: string });
}
