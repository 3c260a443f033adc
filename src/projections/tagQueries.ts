import { setImmediate } from 'node:timers/promises';
import type { Digest } from '../domain/shared/digest.js';
import { isAlive, type Timestamp } from '../domain/shared/time.js';
import { BY_KEY, type Collection, type Lane } from '../ports/documentStore.js';
import { prefixed } from './keyRange.js';
import { TagPurges } from './tagPurges.js';
import {
  HISTORY,
  PURGES,
  staysKey,
  tagKey,
  TAGS,
  type TagDocument,
  type TagHistoryDocument,
  type TagPurgeDocument,
} from './tags.js';

const BATCH = 200;
/** Others get their turn after this many tags, each of which takes two questions. */
const TAGS_PER_TURN = 50;

export type TagCollections = {
  readonly tags: Collection<TagDocument>;
  readonly history: Collection<TagHistoryDocument>;
  readonly purges: Collection<TagPurgeDocument>;
};

export const tagCollections = (lane: Lane): TagCollections => ({
  tags: lane.collection(TAGS),
  history: lane.collection(HISTORY),
  purges: lane.collection(PURGES),
});

/** What the registry protocol asks about tags, now and in the past. */
export class TagQueries {
  readonly #tags: Collection<TagDocument>;
  readonly #history: Collection<TagHistoryDocument>;
  readonly #purges: TagPurges;

  constructor({ tags, history, purges }: TagCollections) {
    this.#tags = tags;
    this.#history = history;
    this.#purges = new TagPurges(purges);
  }

  /** The tag if it is alive. */
  async alive(repositoryId: string, tag: string, now: Timestamp): Promise<TagDocument | undefined> {
    const document = await this.#tags.get(tagKey(repositoryId, tag));
    return document && isAlive(document.end, now) ? document : undefined;
  }

  /** Whether the tag was there and was not purged: one that is gone can be brought back, one that never was cannot. */
  async everExisted(repositoryId: string, tag: string): Promise<boolean> {
    const query = { index: BY_KEY, equals: [], ...prefixed(staysKey(repositoryId, tag)), order: 'descending' } as const;
    // Nearly always the last one tells.
    for (let cursor: string | undefined, limit = 1; ; limit = BATCH) {
      const page = await this.#history.find({ ...query, limit, ...(cursor === undefined ? {} : { cursor }) });
      const purged = await this.#purges.among(repositoryId, page.documents);
      if (page.documents.some((stay) => !purged(stay))) return true;
      if (page.cursor === undefined) return false;
      cursor = page.cursor;
      await setImmediate();
    }
  }

  /** Where the tag pointed at a moment; undefined if it was not alive then, or was purged since. */
  async digestAt(repositoryId: string, tag: string, moment: Timestamp): Promise<Digest | undefined> {
    return (await this.stayAt(repositoryId, tag, moment))?.digest;
  }

  async stayAt(repositoryId: string, tag: string, moment: Timestamp): Promise<TagHistoryDocument | undefined> {
    const before = staysKey(repositoryId, tag);
    // A stay that begins at the very moment counts: `!` sorts after the blank that follows its start.
    const range = { from: before, below: `${before}${moment}!`, order: 'descending', limit: 1 } as const;
    const [stay] = (await this.#history.find({ index: BY_KEY, equals: [], ...range })).documents;
    if (!stay || !isAlive(stay.end, moment)) return undefined;
    return (await this.#purges.among(repositoryId, [stay]))(stay) ? undefined : stay;
  }

  /** Tags that were alive at a moment, in byte order, after a name (exclusive); one more than the limit tells of more. */
  async listAt(repositoryId: string, after: string, limit: number, moment: Timestamp): Promise<string[]> {
    return (await this.staysAt(repositoryId, after, limit, moment)).map(({ tag }) => tag);
  }

  async staysAt(repositoryId: string, after: string, limit: number, moment: Timestamp): Promise<TagHistoryDocument[]> {
    const found: TagHistoryDocument[] = [];
    const { below } = prefixed(`${repositoryId}/`);
    // `!` sorts after the blank behind a tag and before all that another tag could go on with.
    let from = `${repositoryId}/${after}!`;
    for (let seen = 1; found.length <= limit; seen++) {
      const query = { index: BY_KEY, equals: [], from, below, limit: 1 } as const;
      const [next] = (await this.#history.find(query)).documents;
      if (!next) break;
      const stay = await this.stayAt(repositoryId, next.tag, moment);
      if (stay) found.push(stay);
      from = `${repositoryId}/${next.tag}!`;
      if (seen % TAGS_PER_TURN === 0) await setImmediate();
    }
    return found;
  }

  /** Live tags in byte order, after a name (exclusive); one more than the limit tells that there are more. */
  async listAlive(repositoryId: string, after: string, limit: number, now: Timestamp): Promise<TagDocument[]> {
    const found: TagDocument[] = [];
    const { below } = prefixed(`${repositoryId}/`);
    // The first text that sorts after `after`.
    let from = `${tagKey(repositoryId, after)}\0`;
    for (;;) {
      const query = { index: BY_KEY, equals: [], from, below, limit: Math.min(BATCH, limit + 1) } as const;
      const page = await this.#tags.find(query);
      found.push(...page.documents.filter(({ end }) => isAlive(end, now)));
      const last = page.documents.at(-1);
      if (page.cursor === undefined || !last || found.length > limit) return found.slice(0, limit + 1);
      from = `${tagKey(repositoryId, last.tag)}\0`;
      await setImmediate();
    }
  }

  /** The latest end of the live tags on a digest: null if one has none, undefined if there is no live tag. */
  async aliveUntil(repositoryId: string, digest: Digest, now: Timestamp): Promise<Timestamp | null | undefined> {
    let until: Timestamp | undefined;
    let cursor: string | undefined;
    do {
      const page = await this.#tags.find({
        index: 'byDigest',
        equals: [repositoryId, digest],
        limit: BATCH,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const { end } of page.documents) {
        if (end === null) return null;
        if (end > now && (until === undefined || end > until)) until = end;
      }
      cursor = page.cursor;
    } while (cursor !== undefined);
    return until;
  }
}
