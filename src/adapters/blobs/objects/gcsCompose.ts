import { randomBytes } from 'node:crypto';
import type { Bucket } from '@google-cloud/storage';
import type { Piece } from './objectStore.js';
import { sideBySide } from './sideBySide.js';

/** Objects that one request joins (Cloud Storage, "Composite objects"). */
const AT_ONCE = 32;

/**
 * Joins any number of objects, in rounds: neighbours become larger objects side by side, until one request takes what is
 * left. The larger ones lie beside the first piece and are removed at the end.
 */
export async function compose(bucket: Bucket, pieces: readonly Piece[], target: string): Promise<void> {
  const [first] = pieces;
  if (!first) throw new RangeError('there is nothing to join');
  const prefix = `${first.name.slice(0, first.name.lastIndexOf('/') + 1)}joined-${randomBytes(9).toString('base64url')}`;
  const between: string[] = [];
  try {
    let names = pieces.map(({ name }) => name);
    while (names.length > AT_ONCE) {
      const groups = inGroups(names).map((sources) => {
        const name = `${prefix}.${between.length}`;
        between.push(name);
        return { name, sources };
      });
      await sideBySide(groups, ({ name, sources }) => bucket.combine(sources, name));
      names = groups.map(({ name }) => name);
    }
    await bucket.combine(names, target);
  } finally {
    // What cannot be removed now goes when the folder of the pieces is swept.
    await sideBySide(between, (name) =>
      bucket
        .file(name)
        .delete({ ignoreNotFound: true })
        .catch(() => undefined),
    );
  }
}

const inGroups = (names: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(names.length / AT_ONCE) }, (_, index) =>
    names.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
  );
