import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { World } from '../../../test/support/world.js';
import type { Caller } from '../../domain/access.js';
import { FULL_REACH } from '../../domain/reach.js';
import { position } from '../../domain/shared/ids.js';
import type { Collection, DocumentWrite } from '../../ports/documentStore.js';
import type { JsonObject } from '../../domain/shared/json.js';
import { namespaces, NamespaceQueries, type NamespaceDocument } from '../../projections/namespaces.js';
import { laneSpec } from '../../projections/projector.js';
import {
  repositories,
  RepositoryQueries,
  type PermissionDocument,
  type RepositoryDocument,
} from '../../projections/repositories.js';
import { listRepositories } from './catalog.js';
import type { Exchange } from './exchange.js';
import type { Registry } from './registry.js';

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

/** Documents that the queries were given. */
let read = 0;
const counting = <Document extends JsonObject>(collection: Collection<Document>): Collection<Document> => ({
  get: (key) => {
    read++;
    return collection.get(key);
  },
  getMany: (keys) => {
    read += keys.length;
    return collection.getMany(keys);
  },
  find: async (query) => {
    const page = await collection.find(query);
    read += page.documents.length;
    return page;
  },
  scan: () => collection.scan(),
});

const user = (name: string, superuser = false): Caller => ({
  ...{ kind: 'user', id: `user-${name}`, name, namespaceId: `ns-${name}` },
  ...{ superuser, readOnlySuperuser: false, restricted: false },
});

type Catalog = (caller: Caller, query?: string) => Promise<string[]>;

/** Repositories by path; with `+` in front public ones. */
async function catalogOf(
  paths: readonly string[],
  {
    granted = {},
    disabled = [],
    publicCatalog = false,
  }: {
    readonly granted?: Readonly<Record<string, readonly string[]>>;
    readonly disabled?: readonly string[];
    readonly publicCatalog?: boolean;
  } = {},
): Promise<Catalog> {
  const [names, lane] = await Promise.all(
    [namespaces, repositories].map((each) => world.stores.documents.active(laneSpec(each))),
  );
  if (!names || !lane) throw new Error('a lane is missing');
  const writes: DocumentWrite[] = [];
  const spaces = new Set<string>();
  for (const [index, path] of paths.entries()) {
    const [namespace = '', ...rest] = path.replace('+', '').split('/');
    spaces.add(namespace);
    const [id, name] = [`repo-${(index * 7919) % 10_007}`, rest.join('/')];
    const visibility = path.startsWith('+') ? 'public' : 'private';
    const own = { id, namespaceId: `ns-${namespace}`, name, visibility, state: 'NORMAL', description: '' };
    writes.push({ collection: 'repositories', key: id, document: own });
    for (const grantee of granted[path] ?? []) {
      const document = { repositoryId: id, grantee: `user:user-${grantee}`, role: 'read' };
      writes.push({ collection: 'permissions', key: `${id}/${document.grantee}`, document });
    }
  }
  await lane.commit(writes, position(1));
  await names.commit(
    [...spaces].map((name) => ({
      collection: 'namespaces',
      key: `ns-${name}`,
      document: {
        ...{ id: `ns-${name}`, name, kind: 'user', owner: null, timeMachineSeconds: 0 },
        disabled: disabled.includes(name),
      },
    })),
    position(1),
  );
  const queries = {
    namespaces: new NamespaceQueries(counting(names.collection<NamespaceDocument>('namespaces'))),
    repositories: new RepositoryQueries(
      counting(lane.collection<RepositoryDocument>('repositories')),
      counting(lane.collection<PermissionDocument>('permissions')),
    ),
  };
  return async (caller, query = '') => {
    read = 0;
    let answered: string[] = [];
    const exchange = {
      query: new URLSearchParams(query),
      json: (_status: number, body: { repositories: string[] }) => (answered = body.repositories),
    };
    const registry = {
      ...{ queries, settings: { pageSize: 100, publicCatalog } },
      authorization: { subject: () => Promise.resolve({ caller, reach: FULL_REACH }) },
      // Nothing else of it may be asked.
      directory: { policy: { anonymousAccess: true, superusersFullAccess: true } },
    };
    await listRepositories(registry as unknown as Registry, exchange as unknown as Exchange);
    return answered;
  };
}

/** All pages of a size, put together. */
async function paged(catalog: Catalog, caller: Caller, size: number): Promise<string[]> {
  const all: string[] = [];
  for (;;) {
    const page = await catalog(caller, `n=${size}&last=${all.at(-1) ?? ''}`);
    all.push(...page);
    if (page.length < size) return all;
  }
}

describe('the catalog', () => {
  const many = (namespace: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${namespace}/r${String(index).padStart(4, '0')}`);

  it('costs a caller what he has, not what the instance has', async () => {
    const others = Array.from({ length: 300 }, (_, index) => many(`n${index}`, 3)).flat();
    const catalog = await catalogOf([...others, 'ada/x'], { granted: { 'n7/r0001': ['ada'] } });
    expect(await catalog(user('ada'))).toEqual(['ada/x', 'n7/r0001']);
    expect(read).toBeLessThan(10);
    expect(await catalog(user('ada'), 'last=ada/x')).toEqual(['n7/r0001']);
    expect(await catalog({ kind: 'anonymous' })).toEqual([]);
    expect(read).toBe(0);
    expect(await catalog(user('root', true), 'n=5&last=n7/r0001')).toEqual([
      ...['n7/r0002', 'n70/r0000', 'n70/r0001', 'n70/r0002', 'n71/r0000'],
    ]);
    expect(read).toBeLessThan(150);
  });

  it('is merged in order of namespace and name, in pages of any size, each repository once', async () => {
    const [own, open] = [many('m', 230), many('z', 120).map((path) => `+${path}`)];
    const some = ['a/x', '+a/y', 'a-b/x', '+a-b/y', 'a.b/x', '+m0/x', 'm0/a/b', 'm0/a-b', 'off/x', '+off/y', 'y/x'];
    const granted = { ...Object.fromEntries([...some, ...many('g', 210)].map((path) => [path, ['m']])) };
    const options = { granted, disabled: ['off'], publicCatalog: true };
    const catalog = await catalogOf([...own, ...open, ...some, ...many('g', 210), 'none/x', '+none/y'], options);
    const expected = [
      ...['a/x', 'a/y', 'a-b/x', 'a-b/y', 'a.b/x', ...many('g', 210), ...own],
      ...['m0/a-b', 'm0/a/b', 'm0/x', 'none/y', 'y/x', ...many('z', 120)],
    ];
    for (const size of [1, 7, 100]) expect(await paged(catalog, user('m'), size)).toEqual(expected);
    const visible = ['a/y', 'a-b/y', 'm0/x', 'none/y', ...many('z', 120)];
    for (const size of [1, 100]) expect(await paged(catalog, { kind: 'anonymous' }, size)).toEqual(visible);
    expect(await catalog({ kind: 'anonymous' }, 'last=a-b')).toEqual(visible.slice(1, 101));
    expect(await paged(catalog, user('root', true), 50)).toHaveLength(own.length + open.length + some.length + 210);
  });
});
