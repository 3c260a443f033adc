import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { StoreUnavailable } from '../../ports/errors.js';
import { FileWriter, type WritableFile } from './fileWriter.js';

const MIB = 1024 * 1024;

/** A file in memory whose disk can be told to misbehave. */
class MemoryFile implements WritableFile {
  readonly bytes = Buffer.alloc(40 * MIB);
  writesUnderWay = 0;
  mostWritesUnderWay = 0;
  syncs = 0;
  /** Bytes that one call writes at most. */
  appetite = Infinity;
  failure: Error | undefined;
  syncFailure: Error | undefined;

  async writev(chunks: readonly Uint8Array[], position: number): Promise<{ readonly bytesWritten: number }> {
    this.writesUnderWay += 1;
    this.mostWritesUnderWay = Math.max(this.mostWritesUnderWay, this.writesUnderWay);
    await new Promise(setImmediate);
    this.writesUnderWay -= 1;
    if (this.failure) throw this.failure;
    const bytes = Buffer.concat(chunks);
    const bytesWritten = Math.min(bytes.byteLength, this.appetite);
    bytes.copy(this.bytes, position, 0, bytesWritten);
    return { bytesWritten };
  }

  async datasync(): Promise<void> {
    await new Promise(setImmediate);
    this.syncs += 1;
    if (this.syncFailure) throw this.syncFailure;
  }
}

const diskFull = (): Error => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

async function feed(writer: FileWriter, bytes: Buffer, size: number): Promise<void> {
  for (let at = 0; at < bytes.byteLength; at += size) await writer.add(bytes.subarray(at, at + size));
}

describe('FileWriter', () => {
  it('writes on where the disk took less than it was given', async () => {
    const file = new MemoryFile();
    file.appetite = 300_001;
    const bytes = randomBytes(3 * MIB + 5);
    const writer = new FileWriter(file, 100);
    await feed(writer, bytes, 65_536);
    expect(await writer.finish()).toBe(100 + bytes.byteLength);
    expect(file.bytes.subarray(100, 100 + bytes.byteLength).equals(bytes)).toBe(true);
  });

  it('has one write under way at most', async () => {
    const file = new MemoryFile();
    const writer = new FileWriter(file, 0);
    await feed(writer, randomBytes(10 * MIB), 500_000);
    await writer.finish();
    expect(file.mostWritesUnderWay).toBe(1);
  });

  it('starts to sync long before the end', async () => {
    const file = new MemoryFile();
    const writer = new FileWriter(file, 0);
    await feed(writer, randomBytes(35 * MIB), MIB);
    await writer.idle();
    expect(file.syncs).toBeGreaterThanOrEqual(1);
  });

  it('calls a full disk by its name and does not forget it', async () => {
    const file = new MemoryFile();
    const writer = new FileWriter(file, 0);
    file.failure = diskFull();
    await expect(feed(writer, randomBytes(5 * MIB), 65_536)).rejects.toThrow(StoreUnavailable);
    file.failure = undefined;
    await expect(writer.finish()).rejects.toThrow(StoreUnavailable);
  });

  it('does not believe a sync that succeeds after one that failed', async () => {
    const file = new MemoryFile();
    const writer = new FileWriter(file, 0);
    await feed(writer, randomBytes(1000), 1000);
    file.syncFailure = diskFull();
    await expect(writer.finish()).rejects.toThrow(StoreUnavailable);
    file.syncFailure = undefined;
    await expect(writer.finish()).rejects.toThrow(StoreUnavailable);
  });

  it('does not forget that a sync in the background failed', async () => {
    const file = new MemoryFile();
    const writer = new FileWriter(file, 0);
    file.syncFailure = diskFull();
    await feed(writer, randomBytes(17 * MIB), MIB).catch(() => undefined);
    await writer.idle();
    file.syncFailure = undefined;
    await expect(writer.finish()).rejects.toThrow(StoreUnavailable);
  });
});
