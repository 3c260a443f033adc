import type { FileHandle } from 'node:fs/promises';
import { FileWriter } from './fileWriter.js';

/**
 * Writes what a source yields into a file, from `offset` on, in constant memory.
 *
 * @param named settles when the file's name is durable
 * @param kept is told the durable end when the source fails; whether it succeeds does not change what the caller gets
 * @returns the file's new end, in bytes, once it is durable
 * @throws StoreUnavailable, and whatever the source throws
 */
export async function pour(
  file: FileHandle,
  offset: number,
  source: AsyncIterable<Uint8Array>,
  named: Promise<void>,
  kept?: (end: number) => Promise<void>,
): Promise<number> {
  const writer = new FileWriter(file, offset);
  const durable = async (): Promise<number> => {
    const [end] = await Promise.all([writer.finish(), named]);
    return end;
  };
  try {
    for await (const chunk of source) {
      const full = writer.add(chunk);
      if (full) await full;
    }
    return await durable();
  } catch (error) {
    // A writer that failed stays failed, so after its own errors nothing is kept.
    await durable()
      .then((end) => kept?.(end))
      .catch(() => undefined);
    throw error;
  } finally {
    await writer.idle();
  }
}
