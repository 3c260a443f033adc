import { setImmediate } from 'node:timers/promises';
import type { Digest } from '../domain/shared/digest.js';
import type { Timestamp } from '../domain/shared/time.js';
import { BY_KEY, type Collection, type IndexQuery, type Page } from '../ports/documentStore.js';
import type { JsonObject } from '../domain/shared/json.js';
import { prefixed } from './keyRange.js';
import { aliveTags } from './aliveTags.js';
import type { TagCollections, TagQueries } from './tagQueries.js';
import { TagPurges } from './tagPurges.js';
import { staysKey, type TagHistoryDocument } from './tags.js';

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
        ? await taken(filtered(pages(this.#history, query), isLike(like)), window)
        : await skipping(this.#history, query, window);
    return { rows: await this.#shown(repositoryId, stays.rows), hasMore: stays.hasMore };
  }

  /** The start of the newest tag that is alive. */
  async lastModified(repositoryId: string, now: Timestamp): Promise<Timestamp | undefined> {
    for await (const { start } of aliveTags(this.collections.tags, repositoryId, now, 1)) return start;
    return undefined;
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
async function* pages<Document extends JsonObject>(
  collection: Collection<Document>,
  query: StayQuery,
): AsyncIterable<Document> {
  let cursor: string | undefined;
  do {
    const page: Page<Document> = await collection.find(at({ ...query, limit: BATCH }, cursor));
    yield* page.documents;
    cursor = page.cursor;
    await setImmediate();
  } while (cursor !== undefined);
}

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
