import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('smtpProgram.js', import.meta.url));
const fixture = (name: string): string =>
  readFileSync(new URL(`../../../test/fixtures/tls/${name}`, import.meta.url), 'utf8');

/** For `localhost`, signed by itself; nobody trusts it who is not told to. */
export const localhost = { cert: fixture('localhost.cert'), key: fixture('localhost.key') };

export type SmtpSettings = {
  /** Offers STARTTLS, or TLS from the first byte. */
  readonly certificate?: { readonly cert: string; readonly key: string; readonly atOnce?: boolean };
  /** Asks everybody to log in. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Recipients that it does not take. */
  readonly refused?: readonly string[];
};

/** A mail as it came over the wire. */
export type Delivery = {
  readonly from: string;
  readonly to: readonly string[];
  /** Its bytes, one character each. */
  readonly source: string;
  readonly secure: boolean;
  readonly user: string | null;
};

export class SmtpServer {
  readonly #taken: Delivery[] = [];

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {
    child.on('message', (delivery: Delivery) => this.#taken.push(delivery));
  }

  static async start(settings: SmtpSettings = {}): Promise<SmtpServer> {
    const child = fork(PROGRAM, [JSON.stringify(settings)]);
    const [port] = (await once(child, 'message')) as [number];
    return new SmtpServer(child, port);
  }

  /** All that it took so far. */
  get taken(): readonly Delivery[] {
    return this.#taken;
  }

  /** The mails, when there are that many: a client hears of its success before the test hears of the mail. */
  async deliveries(count: number): Promise<readonly Delivery[]> {
    while (this.#taken.length < count) await once(this.child, 'message');
    return this.#taken;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill();
    await once(this.child, 'exit');
  }
}
