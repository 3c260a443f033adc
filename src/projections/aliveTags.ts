import { setImmediate } from 'node:timers/promises';
import { isAlive, millisecondsOf, type Timestamp } from '../domain/shared/time.js';
import type { Collection, IndexQuery, Page } from '../ports/documentStore.js';
import type { TagDocument } from './tags.js';

const BATCH = 200;
/** After so many that have ended, those that are alive are asked for by their end, if they are not too many. */
const MANY_ENDED = 100;
const FEW_ALIVE = 500;

/**
 * The live tags of a repository, newest first, then by name. Tags that last have an index of their own; of those that
 * will end, the ones that have ended already, and that nobody closed yet, are not waded through.
 *
 * @param wanted how many will be taken, about
 */
export async function* aliveTags(
  tags: Collection<TagDocument>,
  repositoryId: string,
  now: Timestamp,
  wanted: number,
): AsyncIterable<TagDocument> {
  const lasting = lastingTags(tags, repositoryId, wanted);
  const ending = endingTags(tags, repositoryId, now, wanted);
  let [one, other] = [await lasting.next(), await ending.next()];
  while (one.done !== true || other.done !== true) {
    if (other.done === true || (one.done !== true && place(one.value) < place(other.value))) {
      if (one.done !== true) yield one.value;
      one = await lasting.next();
    } else {
      yield other.value;
      other = await ending.next();
    }
  }
}

async function* lastingTags(
  tags: Collection<TagDocument>,
  repositoryId: string,
  wanted: number,
): AsyncGenerator<TagDocument, undefined> {
  for await (const page of pages(tags, { index: 'lasting', equals: [repositoryId], limit: wanted })) yield* page;
  return undefined;
}

async function* endingTags(
  tags: Collection<TagDocument>,
  repositoryId: string,
  now: Timestamp,
  wanted: number,
): AsyncGenerator<TagDocument, undefined> {
  let ended = 0;
  for await (const page of pages(tags, { index: 'ending', equals: [repositoryId], limit: wanted })) {
    const alive = page.filter(({ end }) => isAlive(end, now));
    yield* alive;
    const before = ended;
    ended += page.length - alive.length;
    const last = page.at(-1);
    const few =
      last && before <= MANY_ENDED && ended > MANY_ENDED ? await aliveByEnd(tags, repositoryId, now) : undefined;
    if (!few || !last) continue;
    yield* few.filter((tag) => place(tag) > place(last));
    return undefined;
  }
  return undefined;
}

/** All that are alive and will end, newest first; undefined if they are too many. */
async function aliveByEnd(
  tags: Collection<TagDocument>,
  repositoryId: string,
  now: Timestamp,
): Promise<TagDocument[] | undefined> {
  const later = { index: 'byEnd', equals: [repositoryId], from: `${now}\0`, limit: FEW_ALIVE } as const;
  const { documents, cursor } = await tags.find(later);
  return cursor === undefined ? documents.toSorted((one, other) => (place(one) < place(other) ? -1 : 1)) : undefined;
}

async function* pages(
  tags: Collection<TagDocument>,
  query: IndexQuery,
): AsyncGenerator<readonly TagDocument[], undefined> {
  let cursor: string | undefined;
  let limit = Math.min(BATCH, query.limit);
  do {
    const page: Page<TagDocument> = await tags.find({ ...query, limit, ...(cursor === undefined ? {} : { cursor }) });
    yield page.documents;
    limit = BATCH;
    cursor = page.cursor;
    if (cursor !== undefined) await setImmediate();
  } while (cursor !== undefined);
  return undefined;
}

/** Where a tag stands in the list, as text: what is newer, and then what comes first by name, is less. */
const place = ({ start, tag }: TagDocument): string =>
  `${String(LATEST - millisecondsOf(start)).padStart(15, '0')}${tag}`;
/** Beyond any start: the end of the year 9999. */
const LATEST = 253_402_300_800_000;
