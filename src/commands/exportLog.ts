import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { RecordedEvent } from '../domain/shared/envelope.js';
import type { Timestamp } from '../domain/shared/time.js';
import { eventLine, footerLine, headerLine } from './exportFormat.js';

/** Written in pieces of about so many characters. */
const PIECE = 64 * 1024;

/** An export as text, in pieces of many lines: see `exportFormat.ts`. */
export async function* exportText(
  events: AsyncIterable<RecordedEvent>,
  exportedAt: Timestamp,
): AsyncGenerator<string, void, undefined> {
  let piece = `${headerLine(exportedAt)}\n`;
  let count = 0;
  for await (const event of events) {
    piece += `${eventLine(event)}\n`;
    count++;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}${footerLine(count)}\n`;
}

const isCompressed = (path: string): boolean => path.endsWith('.gz');

/**
 * Writes an export to a file, compressed (gzip) if its name ends with `.gz`. The file appears under its name when it is
 * complete and durable; one that is there is replaced.
 */
export async function exportLog(
  events: AsyncIterable<RecordedEvent>,
  path: string,
  exportedAt: Timestamp,
): Promise<void> {
  const partial = `${path}.part`;
  const text = Readable.from(exportText(events, exportedAt), { objectMode: false });
  const file = createWriteStream(partial, { flush: true });
  try {
    await (isCompressed(path) ? pipeline(text, createGzip(), file) : pipeline(text, file));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** The bytes of an export file, decompressed if its name ends with `.gz`. */
export function openExport(path: string): AsyncIterable<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  if (!isCompressed(path)) return file;
  const text = createGunzip({ chunkSize: 256 * 1024 });
  // Whichever of the two ends early takes the other with it.
  file.once('error', (error) => text.destroy(error));
  text.once('close', () => file.destroy());
  return file.pipe(text);
}
