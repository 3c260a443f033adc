import { randomBytes } from 'node:crypto';
import type { Piece } from './objectStore.js';
import { sideBySide } from '../../../concurrency/sideBySide.js';

/** Objects that one request joins (Cloud Storage, "Composite objects"). */
const AT_ONCE = 32;

type Requests = {
  /** One request, for at most as many as one takes. */
  readonly one: (names: readonly string[], target: string) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
};

/**
 * Joins any number of objects, in rounds: neighbours become larger objects side by side, until one request takes what is
 * left. The larger ones lie beside the first piece and are removed at the end.
 */
export async function compose(requests: Requests, pieces: readonly Piece[], target: string): Promise<void> {
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
      await sideBySide(groups, ({ name, sources }) => requests.one(sources, name));
      names = groups.map(({ name }) => name);
    }
    await requests.one(names, target);
  } finally {
    // What cannot be removed now goes when the folder of the pieces is swept.
    await sideBySide(between, (name) => requests.remove(name).catch(() => undefined));
  }
}

const inGroups = (names: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(names.length / AT_ONCE) }, (_, index) =>
    names.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
  );
