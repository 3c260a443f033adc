import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { readerOf, type Protocol } from './messages.js';

/** What went over a line: messages by name, and bytes in both directions. */
export type Traffic = { readonly calls: ReadonlyMap<string, number>; readonly bytes: number };

/** A line to an engine that counts what a process asks of it. It takes time of its own: rates are measured without. */
export class CountingLine {
  readonly #calls = new Map<string, number>();
  #bytes = 0;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async to(host: string, port: number, protocol: Protocol): Promise<CountingLine> {
    const server = createServer({ noDelay: true });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const line = new CountingLine(server, (server.address() as AddressInfo).port);
    server.on('connection', (near) => {
      const far = connect({ host, port, noDelay: true });
      const read = readerOf[protocol]();
      near.on('data', (bytes: Buffer) => {
        line.#bytes += bytes.length;
        for (const name of read(bytes)) line.#calls.set(name, (line.#calls.get(name) ?? 0) + 1);
      });
      far.on('data', (bytes: Buffer) => (line.#bytes += bytes.length));
      near.pipe(far).pipe(near);
      const end = (): void => {
        near.destroy();
        far.destroy();
      };
      for (const socket of [near, far]) socket.on('error', end).on('close', end);
    });
    return line;
  }

  /** What has gone over it since the last time. */
  take(): Traffic {
    const traffic = { calls: new Map(this.#calls), bytes: this.#bytes };
    this.#calls.clear();
    this.#bytes = 0;
    return traffic;
  }

  close(): void {
    this.server.close();
  }
}
