import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type Request = {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly authorization?: string | undefined;
  readonly accept?: string;
  readonly contentType?: string;
  /** In pieces, so that a large one needs no memory of its own. */
  readonly body?: readonly Uint8Array[];
  /** Sends the body in chunks, without telling its length first. */
  readonly chunked?: boolean;
};

export type Answer = {
  readonly status: number;
  /** Path and query of `Location`. */
  readonly location: string;
  readonly bodyBytes: number;
  /** The body as far as it came with the head, for messages. */
  readonly text: string;
};

const PIECE = 64 * 1024;
const READ_BYTES = 512 * 1024;

export const sizeOf = (pieces: readonly Uint8Array[]): number =>
  pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);

type Waiting = {
  readonly method: string;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
};

/**
 * One keep-alive connection of HTTP/1.1, one request at a time, with as little work as can be: a load generator must not
 * be what is measured. Understands answers that state their length, which is what registries send.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #host: string;
  #waiting: Waiting | undefined;
  #head: Buffer = Buffer.alloc(0);
  #answer: Omit<Answer, 'bodyBytes'> | undefined;
  #length = 0;
  #left = 0;

  private constructor(port: number) {
    const take = (size: number, buffer: Uint8Array): boolean => {
      this.#take(Buffer.from(buffer.buffer, buffer.byteOffset, size));
      return true;
    };
    // Always into the same memory: what is downloaded is counted, not kept.
    const onread = { buffer: Buffer.alloc(READ_BYTES), callback: take };
    this.#host = `127.0.0.1:${port}`;
    const socket = connect({ port, host: '127.0.0.1', onread, noDelay: true });
    this.#socket = socket;
    socket.on('error', (error) => {
      this.#fail(error);
    });
    socket.on('close', () => {
      this.#fail(new Error('the server closed the connection'));
    });
  }

  static async open(port: number): Promise<Connection> {
    const connection = new Connection(port);
    await once(connection.#socket, 'connect');
    return connection;
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  send(request: Request): Promise<Answer> {
    const { method, path, authorization, accept, contentType, body, chunked = false } = request;
    const head = [
      `${method} ${path} HTTP/1.1\r\nHost: ${this.#host}\r\n`,
      authorization === undefined ? '' : `Authorization: ${authorization}\r\n`,
      accept === undefined ? '' : `Accept: ${accept}\r\n`,
      contentType === undefined ? '' : `Content-Type: ${contentType}\r\n`,
      chunked ? 'Transfer-Encoding: chunked\r\n\r\n' : `Content-Length: ${sizeOf(body ?? [])}\r\n\r\n`,
    ].join('');
    return new Promise((resolve, reject) => {
      this.#waiting = { method, resolve, reject };
      void this.#write(head, body ?? [], chunked);
    });
  }

  /** @throws unless the answer has the status */
  async expect(status: number, request: Request): Promise<Answer> {
    const answer = await this.send(request);
    if (answer.status === status) return answer;
    throw new Error(`${request.method} ${request.path} was answered ${answer.status}, not ${status}: ${answer.text}`);
  }

  async #write(head: string, body: readonly Uint8Array[], chunked: boolean): Promise<void> {
    this.#socket.cork();
    this.#socket.write(head);
    for (const piece of body) {
      for (let start = 0; start < piece.byteLength && !this.#socket.destroyed; start += PIECE) {
        const part = piece.subarray(start, start + PIECE);
        if (chunked) this.#socket.write(`${part.byteLength.toString(16)}\r\n`);
        let drained = this.#socket.write(part);
        if (chunked) drained = this.#socket.write('\r\n');
        if (!drained) await this.#drained();
      }
    }
    if (chunked) this.#socket.write('0\r\n\r\n');
    this.#socket.uncork();
  }

  async #drained(): Promise<void> {
    const drained = new Promise<void>((resolve) => {
      const gone = (): void => {
        this.#socket.off('drain', gone).off('close', gone);
        resolve();
      };
      this.#socket.on('drain', gone).on('close', gone);
    });
    this.#socket.uncork();
    await drained;
    this.#socket.cork();
  }

  #take(chunk: Buffer): void {
    if (this.#answer) {
      this.#left -= chunk.byteLength;
    } else {
      this.#head = Buffer.concat([this.#head, chunk]);
      const end = this.#head.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#begin(this.#head.toString('latin1', 0, end + 2), this.#head.byteLength - end - 4);
      this.#head = Buffer.alloc(0);
    }
    if (this.#left <= 0) this.#finish();
  }

  #begin(head: string, bodyBytes: number): void {
    const status = Number(head.slice(9, 12));
    const bare = this.#waiting?.method === 'HEAD' || status === 204 || status === 304;
    const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1];
    if (length === undefined && !bare) throw new Error(`an answer without a length: ${head}`);
    const location = /\r\nlocation: *(?:https?:\/\/[^/\r]+)?([^\r]*)\r\n/i.exec(head)?.[1] ?? '';
    const text = status < 400 ? '' : this.#head.toString('latin1', head.length + 2);
    this.#answer = { status, location, text };
    this.#length = bare ? 0 : Number(length);
    this.#left = this.#length - bodyBytes;
  }

  #finish(): void {
    const [answer, waiting] = [this.#answer, this.#waiting];
    this.#answer = undefined;
    this.#waiting = undefined;
    if (answer) waiting?.resolve({ ...answer, bodyBytes: this.#length });
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
