import type { Visibility } from '../domain/repository/events.js';
import { BY_KEY, type Collection, type IndexQuery } from '../ports/documentStore.js';
import type { PermissionDocument, RepositoryDocument } from './repositories.js';

/** A part of what somebody may see; all of its repositories are found in the order of their creation. */
export type VisibleRange =
  | { readonly kind: 'everything' }
  | { readonly kind: 'namespace'; readonly namespaceId: string }
  /** In one namespace, or wherever they are. */
  | { readonly kind: 'visibility'; readonly visibility: Visibility; readonly namespaceId?: string }
  /** `user:<id>`, `team:<id>`, `robot:<id>`: what was given to him. */
  | { readonly kind: 'grantee'; readonly grantee: string; readonly namespaceId?: string };

export type RepositoryPage = { readonly repositories: readonly RepositoryDocument[]; readonly hasMore: boolean };

/** Read at first from each of several ranges: most of what is read of one is not needed. */
const FIRST_BATCH = 16;

/**
 * Lists of repositories in the order of their creation. What somebody may see is the union of ranges that indexes hold in
 * that order; they are merged, so that a page costs what it holds, however much there is that he may not see.
 */
export class RepositoryListing {
  constructor(
    private readonly repositories: Collection<RepositoryDocument>,
    private readonly permissions: Collection<PermissionDocument>,
  ) {}

  /**
   * @param ranges whose union is listed; they may overlap
   * @param after the id of the repository that the page follows; empty: the first page
   */
  async page(ranges: readonly VisibleRange[], after: string, limit: number): Promise<RepositoryPage> {
    const wanted = limit + 1;
    const batch = ranges.length === 1 ? wanted : Math.min(wanted, FIRST_BATCH);
    const cursors = ranges.map(
      (range) => new RangeCursor((from, count) => this.#entries(range, from, count), after, batch),
    );
    const found: RepositoryDocument[] = [];
    let entries: Entry[];
    do {
      entries = await take(cursors, wanted - found.length);
      found.push(...(await this.#documents(entries)));
    } while (found.length < wanted && entries.length > 0);
    return { repositories: found.slice(0, limit), hasMore: found.length > limit };
  }

  /** What a range holds from an id on (exclusive). */
  async #entries(range: VisibleRange, after: string, limit: number): Promise<readonly Entry[]> {
    const from = `${after}\0`;
    if (range.kind === 'grantee') {
      const query = there(range.namespaceId, ['byGrantee', 'byGranteeThere'], range.grantee);
      const { documents } = await this.permissions.find({ ...query, from, limit });
      return documents.map(({ repositoryId }) => ({ id: repositoryId }));
    }
    const { documents } = await this.repositories.find({ ...repositoryQuery(range), from, limit });
    return documents.map((document) => ({ id: document.id, document }));
  }

  async #documents(entries: readonly Entry[]): Promise<RepositoryDocument[]> {
    const unread = entries.flatMap(({ id, document }) => (document ? [] : [id]));
    const read = new Map<string, RepositoryDocument>();
    for (const document of unread.length > 0 ? await this.repositories.getMany(unread) : [])
      if (document) read.set(document.id, document);
    return entries.flatMap(({ id, document = read.get(id) }) => (document ? [document] : []));
  }
}

/** A repository by its id, with its document where that was read on the way. */
type Entry = { readonly id: string; readonly document?: RepositoryDocument };

type Query = Pick<IndexQuery, 'index' | 'equals'>;

function repositoryQuery(range: Exclude<VisibleRange, { readonly kind: 'grantee' }>): Query {
  switch (range.kind) {
    case 'everything':
      return { index: BY_KEY, equals: [] };
    case 'namespace':
      return { index: 'created', equals: [range.namespaceId] };
    case 'visibility':
      return there(range.namespaceId, ['createdByVisibility', 'createdByVisibilityThere'], range.visibility);
  }
}

const there = (
  namespaceId: string | undefined,
  [everywhere, inOne]: readonly [string, string],
  value: string,
): Query =>
  namespaceId === undefined ? { index: everywhere, equals: [value] } : { index: inOne, equals: [value, namespaceId] };

/** What one range holds, a batch at a time; each batch is larger than the one before. */
class RangeCursor {
  #entries: readonly Entry[] = [];
  #next = 0;
  #ended = false;

  constructor(
    private readonly read: (after: string, limit: number) => Promise<readonly Entry[]>,
    private after: string,
    private batch: number,
  ) {}

  /** What it stands at; undefined at its end. */
  async peek(): Promise<Entry | undefined> {
    if (this.#next >= this.#entries.length && !this.#ended) {
      this.#entries = await this.read(this.after, this.batch);
      this.#ended = this.#entries.length < this.batch;
      this.#next = 0;
      this.after = this.#entries.at(-1)?.id ?? this.after;
      this.batch *= 2;
    }
    return this.#entries[this.#next];
  }

  pass(): void {
    this.#next++;
  }
}

/** The next ones of all ranges, each once. */
async function take(cursors: readonly RangeCursor[], count: number): Promise<Entry[]> {
  const taken: Entry[] = [];
  while (taken.length < count) {
    const next = await smallest(cursors);
    if (!next) break;
    taken.push(next);
  }
  return taken;
}

/** The smallest that any of them stands at; all that stand there pass it. */
async function smallest(cursors: readonly RangeCursor[]): Promise<Entry | undefined> {
  let least: Entry | undefined;
  let standing: RangeCursor[] = [];
  for (const cursor of cursors) {
    const entry = await cursor.peek();
    if (!entry || (least && entry.id > least.id)) continue;
    if (entry.id !== least?.id) standing = [];
    least = least?.id === entry.id && least.document ? least : entry;
    standing.push(cursor);
  }
  for (const cursor of standing) cursor.pass();
  return least;
}
