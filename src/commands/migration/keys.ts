import { createHash } from 'node:crypto';
import { KeyTaken, type KeptKey, type KeyTransfer } from '../../ports/keyStore.js';
import { MigrationRefused } from './refusals.js';

const AT_ONCE = 200;

/** @returns how many there are @throws MigrationRefused if the target keeps others under the same names */
export async function copyKeys(
  source: KeyTransfer,
  target: KeyTransfer,
  copied: (count: number) => void,
): Promise<number> {
  let count = 0;
  for await (const entries of inPieces(source.entries())) {
    await target.take(entries).catch((error: unknown) => {
      if (!(error instanceof KeyTaken)) throw error;
      throw new MigrationRefused(`the target is no copy of the source: ${error.message}. Begin with an empty one`, {
        cause: error,
      });
    });
    count += entries.length;
    copied(count);
  }
  return count;
}

/** @returns how many there are @throws MigrationRefused if one of the source's is not in the target as it is */
export async function verifyKeys(source: KeyTransfer, target: KeyTransfer): Promise<number> {
  const there = new Map<string, string>();
  for await (const entry of target.entries()) there.set(nameOf(entry), fingerprint(entry));
  let count = 0;
  for await (const entry of source.entries()) {
    if (there.get(nameOf(entry)) !== fingerprint(entry)) {
      throw new MigrationRefused(`the ${entry.kind} of ${entry.name} is not in the target as it is in the source`);
    }
    count++;
  }
  return count;
}

const nameOf = ({ kind, name }: KeptKey): string => `${kind}/${name}`;

/** So that not all keys are in memory at once. */
function fingerprint(entry: KeptKey): string {
  const kept = entry.kind === 'key' ? entry.key : entry.secret;
  return kept === 'destroyed' && entry.kind === 'key' ? kept : createHash('sha256').update(kept).digest('base64');
}

async function* inPieces(entries: AsyncIterable<KeptKey>): AsyncGenerator<readonly KeptKey[], void, undefined> {
  let piece: KeptKey[] = [];
  for await (const entry of entries) {
    piece.push(entry);
    if (piece.length < AT_ONCE) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}
