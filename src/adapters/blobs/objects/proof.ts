import { randomUUID } from 'node:crypto';
import type { ObjectStore, Version } from './objectStore.js';

/**
 * Proves that an object store lets this process list, write, read and remove, and that it keeps the promise on which all
 * uploads rely: a write on a condition that does not hold is refused. Some servers pass over conditions in silence.
 *
 * @throws Error, StoreUnavailable
 */
export async function prove(objects: ObjectStore, root: string): Promise<void> {
  await objects.folders(root)[Symbol.asyncIterator]().next();
  const name = `${root}proof/${randomUUID()}`;
  const bytes = Buffer.from('tidemark');
  if (!(await objects.putIf(name, bytes, null))) throw new Error('it refuses to store an object that is not there yet');
  try {
    const found = await objects.get(name);
    if (!found || Buffer.compare(found.bytes, bytes) !== 0) throw new Error('it does not give back what it stored');
    const isIgnored =
      (await objects.putIf(name, Buffer.from('other'), null)) ||
      (await objects.putIf(name, Buffer.from('other'), otherThan(found.version)));
    if (isIgnored) throw new Error('it ignores conditions on writes (If-Match, If-None-Match), which uploads rely on');
    if (!(await objects.putIf(name, bytes, found.version))) throw new Error('it refuses a write whose condition holds');
  } finally {
    await objects.remove(name);
  }
}

/** A version of the same form that no object has. */
const otherThan = (version: Version): Version =>
  version.replaceAll(/\d/g, (digit) => (digit === '1' ? '2' : '1')) as Version;
