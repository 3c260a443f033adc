import type { AccountEvents } from '../domain/account/events.js';
import type { ActivityEvents, PullTarget } from '../domain/activity/events.js';
import type { NamespaceEvents, NamespaceKind } from '../domain/namespace/events.js';
import type { RepositoryEvents, Visibility } from '../domain/repository/events.js';
import type { Position } from '../domain/shared/ids.js';
import type { JsonObject } from '../domain/shared/json.js';
import { on, type DocumentView, type ProjectedEvent, type Projection } from './projection.js';
import { gramsOf, type Gram } from './search/grams.js';
import { scoreOf, warmed, type Heat } from './search/heat.js';

/** A name by whose beginning something can be found. */
export type NameDocument = {
  readonly kind: NamespaceKind;
  /** Of the namespace, for users too. */
  readonly id: string;
  readonly name: string;
};

/** What search knows of a repository. */
export type SearchedRepository = {
  readonly id: string;
  readonly namespaceId: string;
  readonly name: string;
  readonly visibility: Visibility;
  readonly description: string;
  readonly heat: Heat;
  /** The last action that is part of the heat: fed again, it must not count twice. */
  readonly heatedAt: Position;
};

/** That a repository is found under a gram. */
export type PostingDocument = {
  readonly gram: Gram;
  readonly repositoryId: string;
  readonly name: string;
  readonly namespaceId: string;
  readonly visibility: Visibility;
  /** What is hot comes first, then by name. */
  readonly rank: string;
};

/** That somebody starred a repository; both may be gone since. */
export type StarDocument = { readonly repositoryId: string; readonly accountId: string };

export const STARS = 'stars';
export const NAMES = 'names';
export const SEARCHED = 'searched';
export const POSTINGS = 'postings';

const HOTTEST = 99_999;

/** The order of results, as text. A space comes before whatever a name may hold, so that `app` comes before `app-a`. */
export const rankOf = (score: number, name: string, id: string): string =>
  `${String(HOTTEST - score).padStart(5, '0')} ${name} ${id}`;

const namespace = on<NamespaceEvents>();
const repository = on<RepositoryEvents>();
const account = on<AccountEvents>();
const activity = on<ActivityEvents>();

const own = (_data: JsonObject, { streamId }: ProjectedEvent) => [{ collection: SEARCHED, key: streamId }];

const ownName = (_data: JsonObject, { streamId }: ProjectedEvent) => [{ collection: NAMES, key: streamId }];

function changeName({ streamId }: ProjectedEvent, view: DocumentView, by: Partial<NameDocument>): void {
  const document = view.get<NameDocument>(NAMES, streamId);
  if (document) view.put(NAMES, streamId, { ...document, ...by });
}

function postingsOf({ id, namespaceId, name, visibility, description, heat }: SearchedRepository) {
  const rank = rankOf(scoreOf(heat), name, id);
  return new Map<string, PostingDocument>(
    gramsOf(name, description).map((gram) => [
      `${id}/${gram}`,
      { gram, repositoryId: id, name, namespaceId, visibility, rank },
    ]),
  );
}

/** Writes what search knows of a repository; its postings only where they change. */
function put(
  before: SearchedRepository | undefined,
  after: SearchedRepository | undefined,
  { streamId }: { readonly streamId: string },
  view: DocumentView,
): void {
  view.put(SEARCHED, streamId, after);
  if (before && after && samePostings(before, after)) return;
  const postings = after ? postingsOf(after) : new Map<string, PostingDocument>();
  for (const key of before ? postingsOf(before).keys() : []) {
    if (!postings.has(key)) view.put(POSTINGS, key, undefined);
  }
  for (const [key, posting] of postings) view.put(POSTINGS, key, posting);
}

const samePostings = (one: SearchedRepository, other: SearchedRepository): boolean =>
  one.name === other.name &&
  one.visibility === other.visibility &&
  one.description === other.description &&
  scoreOf(one.heat) === scoreOf(other.heat);

function change(event: ProjectedEvent, view: DocumentView, by: Partial<SearchedRepository>): void {
  const before = view.get<SearchedRepository>(SEARCHED, event.streamId);
  if (before) put(before, { ...before, ...by }, event, view);
}

/** Counts actions; those of a repository that is gone are nobody's. */
function act(repositoryId: string, actions: number, { at, position }: ProjectedEvent, view: DocumentView): void {
  const before = view.get<SearchedRepository>(SEARCHED, repositoryId);
  if (!before || position <= before.heatedAt) return;
  const after = { ...before, heat: warmed(before.heat, actions, at), heatedAt: position };
  put(before, after, { streamId: repositoryId }, view);
}

/** How often each target was pulled; a pull is three numbers, the second of which is its target. */
function pullsOf(targets: readonly PullTarget[], pulls: readonly number[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let pull = 1; pull < pulls.length; pull += 3) {
    const id = targets[pulls[pull] ?? -1]?.repositoryId;
    if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/**
 * What people look for by name: users, organizations and repositories. A repository has a posting for each piece of
 * text that it is found under, in the order of results; so a search reads the beginning of a list and stops.
 */
export const search: Projection = {
  name: 'search',
  version: 3,
  collections: [
    { name: NAMES, indexes: { byName: ['kind', 'name'] } },
    { name: SEARCHED, indexes: {} },
    { name: STARS, indexes: {} },
    {
      name: POSTINGS,
      indexes: {
        byVisibility: ['gram', 'visibility', 'rank'],
        byNamespace: ['namespaceId', 'visibility', 'gram', 'rank'],
      },
    },
  ],
  handlers: {
    ...namespace('NamespaceCreated', {
      apply: ({ name, kind }, { streamId }, view) => {
        const document: NameDocument = { kind, id: streamId, name };
        view.put(NAMES, streamId, document);
      },
    }),
    ...namespace('NamespaceRenamed', {
      reads: ownName,
      apply: ({ name }, event, view) => {
        changeName(event, view, { name });
      },
    }),
    ...namespace('NamespaceConverted', {
      reads: ownName,
      apply: (_, event, view) => {
        changeName(event, view, { kind: 'organization' });
      },
    }),
    ...namespace('NamespaceDeleted', {
      apply: (_, { streamId }, view) => {
        view.put(NAMES, streamId, undefined);
      },
    }),
    ...repository('RepositoryCreated', {
      apply: ({ namespaceId, name, visibility, description }, event, view) => {
        const { streamId: id, at, position: heatedAt } = event;
        put(
          undefined,
          { id, namespaceId, name, visibility, description: description ?? '', heat: warmed(null, 1, at), heatedAt },
          event,
          view,
        );
      },
    }),
    ...repository('DescriptionSet', {
      reads: own,
      apply: ({ description }, event, view) => {
        change(event, view, { description });
      },
    }),
    ...repository('VisibilityChanged', {
      reads: own,
      apply: ({ visibility }, event, view) => {
        change(event, view, { visibility });
      },
    }),
    ...repository('RepositoryDeleted', {
      reads: own,
      apply: (_, event, view) => {
        put(view.get<SearchedRepository>(SEARCHED, event.streamId), undefined, event, view);
      },
    }),
    ...account('RepositoryStarred', {
      apply: ({ repositoryId }, { streamId: accountId }, view) => {
        view.put(STARS, `${repositoryId}/${accountId}`, { repositoryId, accountId });
      },
    }),
    ...account('RepositoryUnstarred', {
      apply: ({ repositoryId }, { streamId: accountId }, view) => {
        view.put(STARS, `${repositoryId}/${accountId}`, undefined);
      },
    }),
    ...repository('TagMoved', {
      reads: own,
      apply: (_, event, view) => {
        act(event.streamId, 1, event, view);
      },
    }),
    ...activity('ImagesPulled', {
      reads: ({ targets }) => targets.map(({ repositoryId }) => ({ collection: SEARCHED, key: repositoryId })),
      apply: ({ targets, pulls }, event, view) => {
        for (const [id, count] of pullsOf(targets, pulls)) act(id, count, event, view);
      },
    }),
  },
};
