import { setImmediate } from 'node:timers/promises';
import type { RepositoryEvents } from '../domain/repository/events.js';
import type { Digest } from '../domain/shared/digest.js';
import { isAlive, later, type Timestamp } from '../domain/shared/time.js';
import { BY_KEY, type Collection } from '../ports/documentStore.js';
import { prefixed } from './keyRange.js';
import { on, type DocumentView, type ProjectedEvent, type Projection } from './projection.js';

/** A tag that no event has closed; one past its end is here until `TagExpired`, but not alive. */
export type TagDocument = {
  readonly repositoryId: string;
  readonly tag: string;
  readonly digest: Digest;
  readonly start: Timestamp;
  readonly end: Timestamp | null;
  /** Revision of the event that pointed it there: names its row of the history. */
  readonly revision: number;
  readonly restored: boolean;
};

/** One stay of a tag at a digest. `end` null: it is there still, and will stay. */
export type TagHistoryDocument = {
  readonly repositoryId: string;
  readonly tag: string;
  readonly digest: Digest;
  readonly start: Timestamp;
  readonly end: Timestamp | null;
  readonly revision: number;
  readonly restored: boolean;
  /** How it ended; null while no event has closed it. */
  readonly closedBy: 'moved' | 'deleted' | 'expired' | null;
};

const TAGS = 'tags';
const HISTORY = 'tagHistory';
const repository = on<RepositoryEvents>();

const tagKey = (repositoryId: string, tag: string): string => `${repositoryId}/${tag}`;
/** A blank sorts before all that a tag can hold, so the rows of a tag stand together, and tags in byte order. */
const stays = (repositoryId: string, tag: string): string => `${repositoryId}/${tag} `;
const rowKey = ({ repositoryId, tag, start, revision }: TagDocument): string =>
  `${stays(repositoryId, tag)}${start} ${revision.toString().padStart(12, '0')}`;

const reads = ({ tag }: { readonly tag: string }, { streamId }: ProjectedEvent) => [
  { collection: TAGS, key: tagKey(streamId, tag) },
];

function open(document: TagDocument, view: DocumentView): void {
  view.put(TAGS, tagKey(document.repositoryId, document.tag), document);
  const row: TagHistoryDocument = { ...document, closedBy: null };
  view.put(HISTORY, rowKey(document), row);
}

/** A stay that was over already, by its own end, keeps that end. */
function close(
  tag: string,
  event: ProjectedEvent,
  view: DocumentView,
  closedBy: 'moved' | 'deleted' | 'expired',
): void {
  const present = view.get<TagDocument>(TAGS, tagKey(event.streamId, tag));
  if (!present) return;
  const over = present.end !== null && present.end <= event.at;
  const row: TagHistoryDocument = {
    ...present,
    end: over ? present.end : event.at,
    closedBy: over ? 'expired' : closedBy,
  };
  view.put(HISTORY, rowKey(present), row);
  view.put(TAGS, tagKey(event.streamId, tag), undefined);
}

/** Tags as they are, and every stay that a tag ever made. */
export const tags: Projection = {
  name: 'tags',
  version: 2,
  collections: [
    { name: TAGS, indexes: { byDigest: ['repositoryId', 'digest'] } },
    { name: HISTORY, indexes: {} },
  ],
  handlers: {
    ...repository('TagMoved', {
      reads,
      apply: ({ tag, digest, end }, event, view) => {
        close(tag, event, view, 'moved');
        const { streamId: repositoryId, at: start, revision } = event;
        open({ repositoryId, tag, digest, start, end, revision, restored: false }, view);
      },
    }),
    ...repository('TagRestored', {
      reads,
      apply: ({ tag, digest }, event, view) => {
        close(tag, event, view, 'moved');
        const { streamId: repositoryId, at: start, revision } = event;
        open({ repositoryId, tag, digest, start, end: null, revision, restored: true }, view);
      },
    }),
    ...repository('TagExpirySet', {
      reads,
      apply: ({ tag, end }, event, view) => {
        const present = view.get<TagDocument>(TAGS, tagKey(event.streamId, tag));
        // Until it was set, an end in the past had not come: what the tag was before does not change.
        if (present) open({ ...present, end: end === null ? null : later(end, event.at) }, view);
      },
    }),
    ...repository('TagDeleted', {
      reads,
      apply: ({ tag }, event, view) => {
        close(tag, event, view, 'deleted');
      },
    }),
    ...repository('TagExpired', {
      reads,
      apply: ({ tag }, event, view) => {
        close(tag, event, view, 'expired');
      },
    }),
  },
};

const BATCH = 200;
/** Others get their turn after this many tags, each of which takes two questions. */
const TAGS_PER_TURN = 50;

export class TagQueries {
  constructor(
    private readonly collection: Collection<TagDocument>,
    private readonly history: Collection<TagHistoryDocument>,
  ) {}

  /** The tag if it is alive. */
  async alive(repositoryId: string, tag: string, now: Timestamp): Promise<TagDocument | undefined> {
    const document = await this.collection.get(tagKey(repositoryId, tag));
    return document && isAlive(document.end, now) ? document : undefined;
  }

  /** Whether the tag ever existed: a tag that is gone can be brought back, one that never was cannot. */
  async everExisted(repositoryId: string, tag: string): Promise<boolean> {
    const range = prefixed(stays(repositoryId, tag));
    return (await this.history.find({ index: BY_KEY, equals: [], ...range, limit: 1 })).documents.length > 0;
  }

  /** Where the tag pointed at a moment; undefined if it was not alive then. */
  async digestAt(repositoryId: string, tag: string, moment: Timestamp): Promise<Digest | undefined> {
    const before = stays(repositoryId, tag);
    // A stay that begins at the very moment counts: `!` sorts after the blank that follows its start.
    const range = { from: before, below: `${before}${moment}!`, order: 'descending', limit: 1 } as const;
    const [stay] = (await this.history.find({ index: BY_KEY, equals: [], ...range })).documents;
    return stay && isAlive(stay.end, moment) ? stay.digest : undefined;
  }

  /** Tags that were alive at a moment, in byte order, after a name (exclusive); one more than the limit tells of more. */
  async listAt(repositoryId: string, after: string, limit: number, moment: Timestamp): Promise<string[]> {
    const found: string[] = [];
    const { below } = prefixed(`${repositoryId}/`);
    // `!` sorts after the blank behind a tag and before all that another tag could go on with.
    let from = `${repositoryId}/${after}!`;
    for (let seen = 1; found.length <= limit; seen++) {
      const query = { index: BY_KEY, equals: [], from, below, limit: 1 } as const;
      const [next] = (await this.history.find(query)).documents;
      if (!next) break;
      if (await this.digestAt(repositoryId, next.tag, moment)) found.push(next.tag);
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
      const page = await this.collection.find(query);
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
      const page = await this.collection.find({
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
