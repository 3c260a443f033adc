import { expect } from '@jest/globals';
import type { Queries } from '../../src/projections/queries.js';
import type { RepositoryEvent } from '../../src/domain/repository/events.js';
import type { Happened } from '../../src/domain/shared/event.js';
import type { Timestamp } from '../../src/domain/shared/time.js';
import type { TagFilter, TagStay } from '../../src/projections/tagListing.js';
import { manifests, tags } from '../model/universe.js';
import { comparePlaces, shownStays, staysIn } from './stays.js';

type Events = readonly Happened<RepositoryEvent>[];

/** The lists of tags, whatever is asked for, page by page. */
export async function expectTagList(
  id: string,
  events: Events,
  { tagListing }: Queries,
  now: Timestamp,
): Promise<void> {
  const stays = staysIn(events);
  const all = shownStays(stays);
  const alive = shownStays(stays.filter(({ open, end }) => open && (end === null || end > now)));
  const list = async (filter: TagFilter, limit: number): Promise<TagStay[]> => {
    const found: TagStay[] = [];
    for (;;) {
      const { rows, hasMore } = await tagListing.list(id, filter, { offset: found.length, limit }, now);
      found.push(...rows.map(({ tag, digest, start, end, restored }) => ({ tag, digest, start, end, restored })));
      if (!hasMore) return found;
    }
  };
  const [name = '', , like = ''] = tags;
  const named = (rows: readonly TagStay[]): TagStay[] => rows.filter(({ tag }) => tag === name);
  const alike = (rows: readonly TagStay[]): TagStay[] => rows.filter(({ tag }) => tag.includes(like));
  expect(await list({ onlyAlive: false }, 7)).toEqual(all);
  expect(await list({ onlyAlive: true }, 1)).toEqual(alive);
  expect(await list({ onlyAlive: false, name }, 3)).toEqual(named(all));
  expect(await list({ onlyAlive: true, name }, 3)).toEqual(named(alive));
  expect(await list({ onlyAlive: false, like: like.toUpperCase() }, 3)).toEqual(alike(all));
  expect(await list({ onlyAlive: true, like }, 1)).toEqual(alike(alive));
  expect((await tagListing.newestAlive(id, now))?.start).toBe(alive[0]?.start);
}

/** The list of tags as of a moment, whatever part of it is asked for. */
export async function expectPastList(
  id: string,
  told: ReadonlyMap<string, string>,
  { tagListing }: Queries,
  moment: Timestamp,
): Promise<void> {
  const shows = (): Promise<boolean> => Promise.resolve(true);
  const first = await tagListing.listAt(id, { moment, shows }, { offset: 0, limit: 1 });
  const others = await tagListing.listAt(id, { moment, shows }, { offset: 1, limit: 100 });
  const rows = [...first.rows, ...others.rows];
  expect({ moment, shown: new Map(rows.map(({ tag, digest }) => [tag, digest])) }).toEqual({ moment, shown: told });
  expect([first.hasMore, others.hasMore]).toEqual([told.size > 1, false]);
  const inOrder = rows.toSorted((one, other) => comparePlaces(one, other));
  expect(rows).toEqual(inOrder);
  for (const name of tags) {
    const one = await tagListing.listAt(id, { moment, shows, name }, { offset: 0, limit: 5 });
    expect(one.rows).toEqual(rows.filter(({ tag }) => tag === name));
  }
}

/** What each tag was at a moment, if that may still be shown. */
export const toldAt = (
  events: Events,
  tag: string,
  moment: Timestamp,
  told: string | undefined,
): string | undefined => {
  const stay = staysIn(events).findLast((each) => each.tag === tag && each.start <= moment);
  return stay?.purged ? undefined : told;
};

/** Labels, whoever gave them. */
export async function expectLabels(id: string, events: Events, { labels }: Queries): Promise<void> {
  for (const { digest } of manifests) {
    const added = new Map<string, { readonly key: string; readonly value: string }>();
    let own: readonly { readonly key: string; readonly value: string }[] = [];
    for (const { type, data } of events) {
      if (type === 'ManifestPushed' && data.digest === digest) own = data.manifest.labels;
      if (type === 'LabelAdded' && data.digest === digest) added.set(data.labelId, data.label);
      if (type === 'LabelRemoved' && data.digest === digest) added.delete(data.labelId);
    }
    const shown = await labels.of(id, digest);
    expect(shown).toMatchObject([...own, ...added.values()]);
    expect(shown.filter(({ source }) => source === 'api').map((label) => label.id)).toEqual([...added.keys()]);
    for (const label of shown) expect(await labels.byId(id, digest, label.id)).toEqual(label);
  }
}
