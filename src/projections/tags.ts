import type { RepositoryEvents } from '../domain/repository/events.js';
import type { Digest } from '../domain/shared/digest.js';
import { isAlive, later, millisecondsOf, type Timestamp } from '../domain/shared/time.js';
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
  /** Sorts by start, newest first; absent if the tag will end. */
  readonly lasting?: number;
  /** The same for those that will end, or have ended and were not closed. */
  readonly ending?: number;
  /** The end, where there is one: which of them are alive is found by it. */
  readonly endsAt?: Timestamp;
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
  /** How it ended; null while no event has closed it. Purged ones are shown in the history and nowhere else. */
  readonly closedBy: 'moved' | 'deleted' | 'expired' | 'purged' | null;
  /** Revision of the event that closed it. */
  readonly closed: number | null;
  /** Sorts by start, newest first, */
  readonly newest: number;
  /** then by tag, then the later of two stays that began at once first. */
  readonly turn: number;
};

/**
 * Stays of a tag at a digest that were purged after they had ended: those that were closed by a revision and ended
 * after `since`.
 */
export type TagPurgeDocument = {
  readonly repositoryId: string;
  readonly purges: readonly { readonly since: Timestamp; readonly revision: number; readonly at: Timestamp }[];
};

export const TAGS = 'tags';
export const HISTORY = 'tagHistory';
export const PURGES = 'tagPurges';
const repository = on<RepositoryEvents>();

export const tagKey = (repositoryId: string, tag: string): string => `${repositoryId}/${tag}`;
/** A blank sorts before all that a tag can hold, so the rows of a tag stand together, and tags in byte order. */
export const staysKey = (repositoryId: string, tag: string): string => `${repositoryId}/${tag} `;
export const purgeKey = (repositoryId: string, tag: string, digest: Digest): string =>
  `${staysKey(repositoryId, tag)}${digest}`;
const rowKey = ({ repositoryId, tag, start, revision }: Stay): string =>
  `${staysKey(repositoryId, tag)}${start} ${revision.toString().padStart(12, '0')}`;

type Stay = Omit<TagDocument, 'lasting' | 'ending' | 'endsAt'>;

const reads = ({ tag }: { readonly tag: string }, { streamId }: ProjectedEvent) => [
  { collection: TAGS, key: tagKey(streamId, tag) },
];

function open(stay: Stay, view: DocumentView): void {
  const { repositoryId, tag, start, end } = stay;
  const newest = -millisecondsOf(start);
  const document: TagDocument = end === null ? { ...stay, lasting: newest } : { ...stay, ending: newest, endsAt: end };
  view.put(TAGS, tagKey(repositoryId, tag), document);
  putRow(stay, { end, closedBy: null, closed: null }, view);
}

type Close = Pick<TagHistoryDocument, 'end' | 'closedBy' | 'closed'>;

function putRow(stay: Stay, by: Close, view: DocumentView): void {
  const { repositoryId, tag, digest, start, revision, restored } = stay;
  const order = { newest: -millisecondsOf(start), turn: -revision };
  const row: TagHistoryDocument = { repositoryId, tag, digest, start, revision, restored, ...by, ...order };
  view.put(HISTORY, rowKey(stay), row);
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
  const end = over ? present.end : event.at;
  putRow(present, { end, closedBy: over ? 'expired' : closedBy, closed: event.revision }, view);
  view.put(TAGS, tagKey(event.streamId, tag), undefined);
}

type Purged = RepositoryEvents['TagPurged'];

/** The stay that was alive is over as if it had ended when the window begins (contract: repositories §3.6). */
function purgeAlive({ tag, since }: Purged, { streamId, revision }: ProjectedEvent, view: DocumentView): void {
  const present = view.get<TagDocument>(TAGS, tagKey(streamId, tag));
  if (!present) return;
  putRow(present, { end: since, closedBy: 'purged', closed: revision }, view);
  view.put(TAGS, tagKey(streamId, tag), undefined);
}

/** Those that had ended are told by one document, however many they are. */
function purgeEnded({ tag, digest, since }: Purged, event: ProjectedEvent, view: DocumentView): void {
  const { streamId: repositoryId, at, revision } = event;
  const present = view.get<TagDocument>(TAGS, tagKey(repositoryId, tag));
  if (present?.digest === digest && !isAlive(present.end, at)) close(tag, event, view, 'expired');
  const key = purgeKey(repositoryId, tag, digest);
  const before = view.get<TagPurgeDocument>(PURGES, key)?.purges ?? [];
  const last = before.at(-1);
  const document: TagPurgeDocument = {
    repositoryId,
    purges:
      last && since <= last.at
        ? [...before.slice(0, -1), { since: last.since, revision, at }]
        : [...before, { since, revision, at }],
  };
  view.put(PURGES, key, document);
}

/** Tags as they are, and every stay that a tag ever made. */
export const tags: Projection = {
  name: 'tags',
  version: 3,
  collections: [
    {
      name: TAGS,
      indexes: {
        byDigest: ['repositoryId', 'digest'],
        lasting: ['repositoryId', 'lasting', 'tag'],
        ending: ['repositoryId', 'ending', 'tag'],
        byEnd: ['repositoryId', 'endsAt'],
      },
    },
    { name: HISTORY, indexes: { newest: ['repositoryId', 'newest', 'tag', 'turn'] } },
    { name: PURGES, indexes: {} },
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
      apply: ({ tag, digest, end }, event, view) => {
        close(tag, event, view, 'moved');
        const { streamId: repositoryId, at: start, revision } = event;
        open({ repositoryId, tag, digest, start, end, revision, restored: true }, view);
      },
    }),
    ...repository('TagExpirySet', {
      reads,
      apply: ({ tag, end }, event, view) => {
        const present = view.get<TagDocument>(TAGS, tagKey(event.streamId, tag));
        if (!present) return;
        const { lasting: _lasting, ending: _ending, endsAt: _endsAt, ...stay } = present;
        // Until it was set, an end in the past had not come: what the tag was before does not change.
        open({ ...stay, end: end === null ? null : later(end, event.at) }, view);
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
    ...repository('TagPurged', {
      reads: (data, event) => [
        ...reads(data, event),
        ...(data.alive ? [] : [{ collection: PURGES, key: purgeKey(event.streamId, data.tag, data.digest) }]),
      ],
      apply: (data, event, view) => {
        if (data.alive) purgeAlive(data, event, view);
        else purgeEnded(data, event, view);
      },
    }),
  },
};
