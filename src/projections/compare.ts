import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../domain/shared/json.js';
import type { Lane } from '../ports/documentStore.js';
import type { Projection } from './projection.js';

/** A document that two lanes do not have alike. `one` and `other` undefined where it is missing. */
export type Difference = {
  readonly collection: string;
  readonly key: string;
  readonly one: JsonObject | undefined;
  readonly other: JsonObject | undefined;
};

/**
 * What two lanes of one projection, fed up to the same position, do not have alike; in order of collection and key.
 *
 * @param goOn called for each document, alike or not: throws when the comparison is not wanted any more
 */
export async function* compareLanes(
  projection: Projection,
  one: Lane,
  other: Lane,
  goOn?: () => void,
): AsyncIterable<Difference> {
  for (const { name } of projection.collections) {
    const ones = one.collection(name).scan()[Symbol.asyncIterator]();
    const others = other.collection(name).scan()[Symbol.asyncIterator]();
    let [left, right] = [await ones.next(), await others.next()];
    while (left.done !== true || right.done !== true) {
      goOn?.();
      const [leftKey, rightKey] = [
        left.done === true ? null : left.value.key,
        right.done === true ? null : right.value.key,
      ];
      const key = [leftKey, rightKey].filter((text) => text !== null).sort()[0] ?? '';
      const inOne = leftKey === key && left.done !== true ? left.value.document : undefined;
      const inOther = rightKey === key && right.done !== true ? right.value.document : undefined;
      if (!isDeepStrictEqual(inOne, inOther)) yield { collection: name, key, one: inOne, other: inOther };
      if (inOne) left = await ones.next();
      if (inOther) right = await others.next();
    }
  }
}
