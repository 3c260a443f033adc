import { open, type FileHandle } from 'node:fs/promises';
import type { LogRecord } from './log.js';

/** Records as lines of JSON, the bytes in base64. What was not written to its end when the process died is cut off. */
export class LogFile {
  #pending: string[] = [];

  private constructor(
    private readonly handle: FileHandle,
    readonly found: readonly LogRecord[],
  ) {}

  static async open(path: string): Promise<LogFile> {
    const handle = await open(path, 'a+');
    const text = await handle.readFile('utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    await handle.truncate(Buffer.byteLength(whole));
    return new LogFile(handle, whole.split('\n').filter(Boolean).map(parse));
  }

  add(record: LogRecord): void {
    const { data, metadata, ...others } = record;
    this.#pending.push(JSON.stringify({ ...others, data: inBase64(data), metadata: inBase64(metadata) }));
  }

  /** Makes durable what was added. */
  async flush(): Promise<void> {
    const lines = this.#pending;
    this.#pending = [];
    if (lines.length === 0) return;
    await this.handle.appendFile(`${lines.join('\n')}\n`);
    await this.handle.datasync();
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

type Line = Omit<LogRecord, 'data' | 'metadata'> & { readonly data: string; readonly metadata: string };

function parse(line: string): LogRecord {
  const { data, metadata, ...others } = JSON.parse(line) as Line;
  return { ...others, data: Buffer.from(data, 'base64'), metadata: Buffer.from(metadata, 'base64') };
}

const inBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
