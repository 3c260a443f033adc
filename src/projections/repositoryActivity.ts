import type { ActivityEvents } from '../domain/activity/events.js';
import type { RepositoryEvents } from '../domain/repository/events.js';
import type { Position } from '../domain/shared/ids.js';
import { millisecondsOf, timestamp, type Timestamp } from '../domain/shared/time.js';
import { BY_KEY, type Collection } from '../ports/documentStore.js';
import { on, type DocumentView, type ProjectedEvent, type Projection } from './projection.js';

/** `2026-06-18`, in UTC. */
export type Day = string;

/** How often something was pushed to a repository or pulled from it on a day. */
export type ActivityDocument = {
  readonly day: Day;
  readonly count: number;
  /** The last event that is part of the count: fed again, it must not count twice. */
  readonly countedTo: Position;
};

const ACTIVITY = 'days';
const repository = on<RepositoryEvents>();
const activity = on<ActivityEvents>();

const DAY_MILLISECONDS = 86_400_000;

export const dayOf = (at: Timestamp): Day => at.slice(0, 10);
const dayBefore = (now: Timestamp, days: number): Day =>
  dayOf(timestamp(millisecondsOf(now) - days * DAY_MILLISECONDS));
const activityKey = (repositoryId: string, day: Day): string => `${repositoryId}/${day}`;

const today = (_data: unknown, { streamId, at }: ProjectedEvent) => [
  { collection: ACTIVITY, key: activityKey(streamId, dayOf(at)) },
];

function count(key: string, actions: number, { position }: ProjectedEvent, view: DocumentView): void {
  const known = view.get<ActivityDocument>(ACTIVITY, key);
  if (known && known.countedTo >= position) return;
  const document: ActivityDocument = {
    day: key.slice(-'2026-06-18'.length),
    count: (known?.count ?? 0) + actions,
    countedTo: position,
  };
  view.put(ACTIVITY, key, document);
}

const countOne = (event: ProjectedEvent, view: DocumentView): void => {
  count(activityKey(event.streamId, dayOf(event.at)), 1, event, view);
};

/** How many pulls of a flush belong to which repository and day. */
function pullsByDay({ first, targets, pulls }: ActivityEvents['ImagesPulled']): ReadonlyMap<string, number> {
  const start = millisecondsOf(first);
  const counts = new Map<string, number>();
  for (let pull = 0; pull < pulls.length; pull += 3) {
    const target = targets[pulls[pull + 1] ?? -1];
    if (!target) continue;
    const key = activityKey(target.repositoryId, dayOf(timestamp(start + (pulls[pull + 2] ?? 0))));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** What was pushed and pulled, by repository and day. A push by tag is told by its tag, one by digest by its manifest. */
export const repositoryActivity: Projection = {
  name: 'repositoryActivity',
  version: 1,
  collections: [{ name: ACTIVITY, indexes: {} }],
  handlers: {
    ...repository('TagMoved', {
      reads: today,
      apply: (_, event, view) => {
        countOne(event, view);
      },
    }),
    ...repository('ManifestPushed', {
      reads: (data, event) => (data.heldUntil === undefined ? [] : today(data, event)),
      apply: ({ heldUntil }, event, view) => {
        if (heldUntil !== undefined) countOne(event, view);
      },
    }),
    ...activity('ImagesPulled', {
      reads: (data) => [...pullsByDay(data).keys()].map((key) => ({ collection: ACTIVITY, key })),
      apply: (data, event, view) => {
        for (const [key, pulls] of pullsByDay(data)) count(key, pulls, event, view);
      },
    }),
  },
};

/** Days that are looked back for the popularity of a repository, and for its statistics. */
const POPULAR_DAYS = 7;
const DAYS = 92;

export type DayCount = { readonly date: Day; readonly count: number };

export class ActivityQueries {
  constructor(private readonly collection: Collection<ActivityDocument>) {}

  /** Pushes and pulls of the last seven days, today among them. */
  async popularity(repositoryId: string, now: Timestamp): Promise<number> {
    const days = await this.#since(repositoryId, dayBefore(now, POPULAR_DAYS - 1), now);
    return days.reduce((sum, day) => sum + day.count, 0);
  }

  /** The days of three months: today if anything happened, and each of the days before (contract: repositories §2). */
  async days(repositoryId: string, now: Timestamp): Promise<readonly DayCount[]> {
    const stored = await this.#since(repositoryId, dayBefore(now, DAYS - 1), now);
    const counts = new Map(stored.map((found) => [found.day, found.count]));
    for (let back = 1; back < DAYS; back++) {
      const day = dayBefore(now, back);
      if (!counts.has(day)) counts.set(day, 0);
    }
    return [...counts].map(([date, actions]) => ({ date, count: actions }));
  }

  async #since(repositoryId: string, day: Day, now: Timestamp): Promise<readonly ActivityDocument[]> {
    const range = { from: activityKey(repositoryId, day), below: `${activityKey(repositoryId, dayOf(now))}\0` };
    return (await this.collection.find({ index: BY_KEY, equals: [], ...range, limit: DAYS + 1 })).documents;
  }
}
