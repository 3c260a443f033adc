import { setImmediate } from 'node:timers/promises';
import type { Digest } from '../domain/shared/digest.js';
import { isAlive, millisecondsOf, type Timestamp } from '../domain/shared/time.js';
import { BY_KEY, type Collection, type IndexQuery, type Page } from '../ports/documentStore.js';
import type { JsonObject } from '../domain/shared/json.js';
import { prefixed } from './keyRange.js';
import { aliveTags } from './aliveTags.js';
import type { TagCollections, TagQueries } from './tagQueries.js';
import { TagPurges } from './tagPurges.js';
import { staysKey, type TagDocument, type TagHistoryDocument } from './tags.js';

/** One stay of a tag, as it is shown. */
export type TagStay = {
  readonly tag: string;
  readonly digest: Digest;
  readonly start: Timestamp;
  readonly end: Timestamp | null;
  readonly restored: boolean;
};

/** Which stays are asked for; all that is given must hold. */
export type TagFilter = {
  /** The tag's name. */
  readonly name?: string;
  /** A part of its name, in whatever case. */
  readonly like?: string;
  readonly onlyAlive: boolean;
};

/** Which tags of the past are asked for. */
export type PastFilter = Pick<TagFilter, 'name' | 'like'> & {
  readonly moment: Timestamp;
  readonly shows: (digest: Digest) => Promise<boolean>;
};

export type Window = { readonly offset: number; readonly limit: number };
export type Listed<Row> = { readonly rows: readonly Row[]; readonly hasMore: boolean };

const BATCH = 200;
/** Passed over in one go: a millisecond or two. */
const SKIPPED_AT_ONCE = 5_000;

/**
 * The stays of a repository's tags, newest first, then by name (contract: repositories §3.2). A page costs what it
 * holds, and a little for each row before it; a part of a name is looked for in every row.
 */
export class TagListing {
  readonly #history: Collection<TagHistoryDocument>;
  readonly #purges: TagPurges;

  constructor(
    private readonly collections: TagCollections,
    private readonly tags: TagQueries,
  ) {
    this.#history = collections.history;
    this.#purges = new TagPurges(collections.purges);
  }

  async list(repositoryId: string, filter: TagFilter, window: Window, now: Timestamp): Promise<Listed<TagStay>> {
    const { name, like, onlyAlive } = filter;
    if (name !== undefined && like !== undefined && !isLike(like)({ tag: name })) return { rows: [], hasMore: false };
    if (onlyAlive) return this.#alive(repositoryId, filter, window, now);
    const query: StayQuery =
      name === undefined
        ? { index: 'newest', equals: [repositoryId] }
        : { index: BY_KEY, equals: [], ...prefixed(staysKey(repositoryId, name)), order: 'descending' };
    const stays =
      name === undefined && like !== undefined
        ? await taken(filtered(each(batches(this.#history, query)), isLike(like)), window)
        : await skipping(this.#history, query, window);
    return { rows: await this.#shown(repositoryId, stays.rows), hasMore: stays.hasMore };
  }

  /**
   * The tags that were alive at a moment, in the same order, each with the end that it had by itself.
   *
   * @param shows whether a manifest may be shown; asked once for each
   */
  async listAt(repositoryId: string, filter: PastFilter, window: Window): Promise<Listed<TagStay>> {
    const { name, like, moment } = filter;
    if (name !== undefined && like !== undefined && !isLike(like)({ tag: name })) return { rows: [], hasMore: false };
    const stays = name === undefined ? this.#staysAt(repositoryId, moment) : this.#stayAt(repositoryId, name, moment);
    const named = like === undefined || name !== undefined ? stays : filtered(stays, isLike(like));
    const { rows, hasMore } = await taken(shownOnly(named, filter.shows), window);
    return { rows: rows.map((stay) => ({ ...stay, end: ownEnd(stay) })), hasMore };
  }

  /** The newest tag that is alive. */
  async newestAlive(repositoryId: string, now: Timestamp): Promise<TagDocument | undefined> {
    const { tags } = this.collections;
    const first = { equals: [repositoryId], limit: 1 };
    const [lasting] = (await tags.find({ index: 'lasting', ...first })).documents;
    const [ending] = (await tags.find({ index: 'ending', ...first })).documents;
    if (!ending || (lasting && lasting.start >= ending.start)) return lasting;
    if (isAlive(ending.end, now)) return ending;
    for await (const newest of aliveTags(tags, repositoryId, now, 1)) return newest;
    return undefined;
  }

  /** Those that had begun by then, newest first, without those that had ended by then or were purged since. */
  async *#staysAt(repositoryId: string, moment: Timestamp): AsyncIterable<TagHistoryDocument> {
    const query = { index: 'newest', equals: [repositoryId], from: -millisecondsOf(moment) } as const;
    for await (const page of batches(this.#history, query)) {
      const purged = await this.#purges.among(repositoryId, page);
      yield* page.filter((stay) => isAlive(stay.end, moment) && !purged(stay));
    }
  }

  async *#stayAt(repositoryId: string, tag: string, moment: Timestamp): AsyncIterable<TagHistoryDocument> {
    const stay = await this.tags.stayAt(repositoryId, tag, moment);
    if (stay) yield stay;
  }

  async #alive(
    repositoryId: string,
    { name, like }: TagFilter,
    window: Window,
    now: Timestamp,
  ): Promise<Listed<TagStay>> {
    if (name !== undefined) {
      const found = await this.tags.alive(repositoryId, name, now);
      return { rows: found && window.offset === 0 ? [found] : [], hasMore: false };
    }
    const { tags } = this.collections;
    const equals = [repositoryId];
    const someEnd = (await tags.find({ index: 'ending', equals, limit: 1 })).documents.length > 0;
    if (!someEnd && like === undefined) return skipping(tags, { index: 'lasting', equals }, window);
    const all = aliveTags(tags, repositoryId, now, window.offset + window.limit + 1);
    return taken(like === undefined ? all : filtered(all, isLike(like)), window);
  }

  async #shown(repositoryId: string, stays: readonly TagHistoryDocument[]): Promise<TagStay[]> {
    const purgedEnd = await this.#purges.among(repositoryId, stays);
    return stays.map((stay) => ({ ...stay, end: purgedEnd(stay) ?? stay.end }));
  }
}

type StayQuery = Omit<IndexQuery, 'limit' | 'skip' | 'cursor'>;

const isLike = (text: string): ((row: { readonly tag: string }) => boolean) => {
  const lower = text.toLowerCase();
  return ({ tag }) => tag.toLowerCase().includes(lower);
};

/** A page of what a query finds. What lies before it is passed over without being read, others having their turn. */
async function skipping<Document extends JsonObject>(
  collection: Collection<Document>,
  query: StayQuery,
  { offset, limit }: Window,
): Promise<Listed<Document>> {
  let left = offset;
  let cursor: string | undefined;
  while (left > SKIPPED_AT_ONCE) {
    const end = await collection.find(at({ ...query, skip: SKIPPED_AT_ONCE - 1, limit: 1 }, cursor));
    if (end.cursor === undefined) return { rows: [], hasMore: false };
    left -= SKIPPED_AT_ONCE;
    cursor = end.cursor;
    await setImmediate();
  }
  const page = await collection.find(at({ ...query, skip: left, limit }, cursor));
  return { rows: page.documents, hasMore: page.cursor !== undefined };
}

/** Everything that a query finds, others having their turn between the batches. */
async function* batches<Document extends JsonObject>(
  collection: Collection<Document>,
  query: StayQuery,
): AsyncIterable<readonly Document[]> {
  let cursor: string | undefined;
  do {
    const page: Page<Document> = await collection.find(at({ ...query, limit: BATCH }, cursor));
    yield page.documents;
    cursor = page.cursor;
    await setImmediate();
  } while (cursor !== undefined);
}

async function* each<Document>(pages: AsyncIterable<readonly Document[]>): AsyncIterable<Document> {
  for await (const page of pages) yield* page;
}

async function* shownOnly(
  stays: AsyncIterable<TagHistoryDocument>,
  shows: (digest: Digest) => Promise<boolean>,
): AsyncIterable<TagHistoryDocument> {
  const known = new Map<Digest, boolean>();
  for await (const stay of stays) {
    const shown = known.get(stay.digest) ?? (await shows(stay.digest));
    known.set(stay.digest, shown);
    if (shown) yield stay;
  }
}

/** What nobody knew then is not told: that it would be moved or deleted. */
const ownEnd = ({ end, closedBy }: TagHistoryDocument): Timestamp | null =>
  closedBy === null || closedBy === 'expired' ? end : null;

const at = (query: IndexQuery, cursor: string | undefined): IndexQuery =>
  cursor === undefined ? query : { ...query, cursor };

async function* filtered<Row>(rows: AsyncIterable<Row>, passes: (row: Row) => boolean): AsyncIterable<Row> {
  for await (const row of rows) if (passes(row)) yield row;
}

async function taken<Row>(rows: AsyncIterable<Row>, { offset, limit }: Window): Promise<Listed<Row>> {
  const found: Row[] = [];
  let before = offset;
  for await (const row of rows) {
    if (before > 0) before--;
    else if (found.length === limit) return { rows: found, hasMore: true };
    else found.push(row);
  }
  return { rows: found, hasMore: false };
}
