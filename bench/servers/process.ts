import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A server under test, on the loopback interface. */
export type Server = {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** The `Authorization` of requests to a repository; undefined where none is wanted. */
  authorization(repository: string): Promise<string | undefined>;
  stop(): Promise<void>;
};

export type Command = {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** What it writes to the standard error is shown only if it dies. */
  readonly name: string;
  readonly port: number;
};

const START_MILLISECONDS = 60_000;

/** Ended with the bench, however that ends. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Starts a program and waits until it listens. */
export async function startProcess({ file, args, env, name, port }: Command): Promise<Omit<Server, 'authorization'>> {
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-4000)));
  running.add(child);
  const exit = once(child, 'exit').then(() => running.delete(child));
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} could not be started`);
  const until = Date.now() + START_MILLISECONDS;
  while (!(await listens(port))) {
    await pause(20);
    if (child.exitCode !== null || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`${name} does not listen: ${said}`);
    }
  }
  return {
    ...{ name, port, pid },
    stop: async () => {
      child.kill('SIGTERM');
      await exit;
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', end(true)).once('error', end(false));
  });
}
