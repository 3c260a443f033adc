import { expect } from '@jest/globals';
import { accountStream, namespaceStream, repositoryStream } from '../../src/commands/streamNames.js';
import type { Core } from '../../src/composition/core.js';
import type { Queries } from '../../src/projections/queries.js';
import { accountAggregate } from '../../src/domain/account/account.js';
import { upcast } from '../../src/domain/catalogue.js';
import { namespaceAggregate } from '../../src/domain/namespace/namespace.js';
import type { RepositoryEvent } from '../../src/domain/repository/events.js';
import { repositoryAggregate } from '../../src/domain/repository/evolve.js';
import {
  isReachable,
  isVisible,
  liveTag,
  visibleParent,
  type ActiveRepository,
  type Repository,
} from '../../src/domain/repository/state.js';
import type { Digest } from '../../src/domain/shared/digest.js';
import type { Happened } from '../../src/domain/shared/event.js';
import type { AccountId, NamespaceId, RepositoryId } from '../../src/domain/shared/ids.js';
import { millisecondsOf, plusSeconds, timestamp, type Timestamp } from '../../src/domain/shared/time.js';
import type { EventStore } from '../../src/ports/eventStore.js';
import { allBlobs, manifests, tags } from '../model/universe.js';
import { expectApplications } from './applications.js';
import type { LiveRegistry } from './liveRegistry.js';
import { staysIn } from './stays.js';
import { expectLabels, expectPastList, expectTagList, toldAt } from './tagAgreement.js';

/** One repository as its events tell it, and as the read models do. */
export class RepositoryAgreement {
  private constructor(
    private readonly id: RepositoryId,
    private readonly events: readonly Happened<RepositoryEvent>[],
    private readonly queries: Queries,
  ) {}

  static async of(id: RepositoryId, { stores, core }: LiveRegistry): Promise<RepositoryAgreement> {
    return new RepositoryAgreement(id, await eventsOf(stores.events, id), core.queries);
  }

  /** What can be asked about a moment that is not over, when nothing more happens until then. */
  async expectPresent(now: Timestamp): Promise<void> {
    const state = this.#at();
    if (state.kind !== 'active') {
      expect(await this.queries.repositories.byId(this.id)).toBeUndefined();
      return;
    }
    expect((await this.queries.repositories.byName(state.namespaceId, state.name))?.id).toBe(this.id);
    expect(await this.#shownAt(now)).toEqual(this.#toldAt(state, now));
    await expectTagList(this.id, this.events, this.queries, now);
    await expectLabels(this.id, this.events, this.queries);
    await this.#expectEnds(state, now);
  }

  /** Every moment at which something happened or ended, and those right before and after. */
  async expectPast(now: Timestamp): Promise<void> {
    if (this.#at().kind !== 'active') return;
    const moments = new Set(this.events.flatMap((event) => [event.at, ...endsIn(event)]));
    for (const moment of [...moments].flatMap(around).filter((each) => each <= now)) {
      const state = this.#at(moment);
      const told = tags.map((tag) => {
        const then = state.kind === 'active' ? liveTag(state, tag, moment)?.digest : undefined;
        return toldAt(this.events, tag, moment, then);
      });
      const shown = await Promise.all(tags.map((tag) => this.queries.tags.digestAt(this.id, tag, moment)));
      const listed = await this.queries.tags.listAt(this.id, '', 100, moment);
      const alive = tags.filter((_, index) => told[index]);
      const pointed = new Map(alive.map((tag) => [tag, told[tags.indexOf(tag)] ?? '']));
      await expectPastList(this.id, pointed, this.queries, moment);
      expect({ moment, shown, listed }).toEqual({ moment, shown: told, listed: alive.toSorted() });
    }
  }

  /** What is said to hold until a moment does. */
  async #expectEnds(state: ActiveRepository, now: Timestamp): Promise<void> {
    for (const { digest } of manifests) {
      const shown = await this.queries.manifests.visible(this.id, digest, now);
      if (shown?.until) expect(isVisible(state, digest, earlier(shown.until))).toBe(true);
    }
  }

  /** @param moment as of it; absent: now */
  #at(moment?: Timestamp): Repository {
    return this.events
      .filter(({ at }) => moment === undefined || at <= moment)
      .reduce<Repository>((state, event) => repositoryAggregate.evolve(state, event), repositoryAggregate.initial());
  }

  #toldAt(state: ActiveRepository, now: Timestamp) {
    const digests = manifests.map(({ digest }) => digest);
    return {
      visible: digests.filter((digest) => isVisible(state, digest, now)),
      reachable: digests.filter((digest) => isReachable(state, digest, now)),
      named: allBlobs.map(({ digest }) => visibleParent(state, digest, now) !== undefined),
      tags: tags.map((tag) => liveTag(state, tag, now)?.digest),
      listed: tags.filter((tag) => liveTag(state, tag, now)).sort(),
      ever: tags.map((tag) => staysIn(this.events).some((stay) => stay.tag === tag && !stay.purged)),
      referrers: this.#inOrderOfFirstPush()
        .filter(({ subject }) => subject !== null)
        .flatMap(({ digest }) => (isVisible(state, digest, now) ? [digest] : [])),
      repository: repositoryShown(state),
      permissions: new Map(state.permissions),
    };
  }

  /** What was purged is pushed as if for the first time. */
  #inOrderOfFirstPush() {
    const known = new Map<Digest, Digest | null>();
    for (const { type, data } of this.events) {
      if (type === 'ManifestPushed' && !known.has(data.digest)) known.set(data.digest, data.manifest.subject);
      if (type === 'ManifestsPurged') for (const digest of data.digests) known.delete(digest);
    }
    return [...known].map(([digest, subject]) => ({ digest, subject }));
  }

  async #shownAt(now: Timestamp) {
    const { manifests: shown, tags: shownTags, repositories } = this.queries;
    const digests = manifests.map(({ digest }) => digest);
    const visible = await Promise.all(digests.map((digest) => shown.visible(this.id, digest, now)));
    const reachable = await Promise.all(digests.map((digest) => shown.reachable(this.id, digest, now)));
    const named = await Promise.all(allBlobs.map(({ digest }) => shown.namedUntil(this.id, digest, now)));
    const alive = await Promise.all(tags.map((tag) => shownTags.alive(this.id, tag, now)));
    const referrers: string[] = [];
    const subjects = new Set(manifests.flatMap(({ record }) => (record.subject === null ? [] : [record.subject])));
    for (const subject of subjects) {
      for await (const { digest } of shown.referrers(this.id, subject, now)) referrers.push(digest);
    }
    const document = await repositories.byId(this.id);
    return {
      visible: digests.filter((_, index) => visible[index]),
      reachable: digests.filter((_, index) => reachable[index]),
      named: named.map((until) => until !== undefined),
      tags: alive.map((tag) => tag?.digest),
      listed: (await shownTags.listAlive(this.id, '', 100, now)).map(({ tag }) => tag),
      ever: await Promise.all(tags.map((tag) => shownTags.everExisted(this.id, tag))),
      referrers,
      repository: document && repositoryShown(document),
      permissions: await this.#permissions(),
    };
  }

  async #permissions(): Promise<Map<string, string>> {
    const grantees = new Set(
      this.events.flatMap(({ type, data }) => (type === 'PermissionGranted' ? [data.grantee] : [])),
    );
    const roles = new Map<string, string>();
    for (const grantee of grantees) {
      const [role] = await this.queries.repositories.rolesOf(this.id, [grantee]);
      if (role !== undefined) roles.set(`${grantee.kind}:${grantee.id}`, role);
    }
    return roles;
  }
}

async function eventsOf(events: EventStore, id: RepositoryId): Promise<Happened<RepositoryEvent>[]> {
  const happened: Happened<RepositoryEvent>[] = [];
  for await (const event of events.read(repositoryStream(id))) {
    // The stream is a repository's.
    happened.push({ ...upcast(event), at: event.metadata.at } as Happened<RepositoryEvent>);
  }
  return happened;
}

const earlier = (moment: Timestamp): Timestamp => timestamp(millisecondsOf(moment) - 1);
const around = (moment: Timestamp): Timestamp[] => [earlier(moment), moment, plusSeconds(moment, 0.001)];

const endsIn = ({ type, data }: RepositoryEvent): Timestamp[] =>
  (type === 'TagMoved' || type === 'TagRestored' || type === 'TagExpirySet') && data.end !== null ? [data.end] : [];

const repositoryShown = ({ name, description, visibility, state }: Settings): Settings => ({
  ...{ name, description, visibility, state },
});
type Settings = Pick<ActiveRepository, 'name' | 'description' | 'visibility' | 'state'>;

/** People and their namespaces as their events tell them, and as the read models do. */
export async function expectPeople({ core, everRegistered }: LiveRegistry): Promise<void> {
  for (const { accountId, namespaceId } of everRegistered) {
    await expectAccount(core, accountId);
    await expectNamespace(core, namespaceId);
    const namespaceIsThere = (await core.queries.namespaces.byId(namespaceId)) !== undefined;
    await expectApplications(core, namespaceId, namespaceIsThere);
  }
}

async function expectAccount({ streams, queries: { accounts } }: Core, id: AccountId): Promise<void> {
  const state = await streams.load(accountAggregate, accountStream(id));
  const shown = await accounts.byId(id);
  const starred = await accounts.starredBy(id);
  if (state.kind !== 'active' || !shown) {
    expect(['deleted', 'converted']).toContain(state.kind);
    expect({ shown, starred }).toEqual({ shown: undefined, starred: [] });
    return;
  }
  const { kind: _kind, lapses: _lapses, dismissed: _dismissed, appTokens, stars, ...account } = state;
  expect(shown).toMatchObject(account);
  expect(await accounts.byName(shown.name)).toEqual(shown);
  if (shown.emailHmac !== null) expect(await accounts.byEmail(shown.emailHmac)).toEqual(shown);
  expect(starred).toEqual([...stars].sort());
  const tokens = await accounts.appTokensOf(shown);
  expect(tokens.map((token) => token.id)).toEqual([...appTokens]);
  for (const token of tokens) expect(await accounts.appTokenByLookup(token.lookup)).toEqual(token);
}

async function expectNamespace({ streams, queries: { namespaces, robots } }: Core, id: NamespaceId): Promise<void> {
  const state = await streams.load(namespaceAggregate, namespaceStream(id));
  const found = await namespaces.byId(id);
  const robotsFound = await robots.inNamespace(id);
  if (state.kind !== 'active') {
    expect(found).toBeUndefined();
    expect(robotsFound).toEqual([]);
    return;
  }
  const { kind: _kind, lapsedClaims: _lapsed, convertedFrom: _from, type: kind, robots: told, ...namespace } = state;
  expect(found).toMatchObject({ ...namespace, kind });
  expect(await namespaces.byName(found?.name ?? '')).toEqual(found);
  expect(robotsFound.length).toBe(told.byId.size);
  for (const robot of told.byId.values()) {
    const document = await robots.byId(robot.id);
    const { generation: tokenGeneration, ...rest } = robot;
    expect(document).toMatchObject({ ...rest, tokenGeneration });
    expect(await robots.byName(id, robot.shortName)).toEqual(document);
  }
}
