import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ControlledRegistry } from '../support/controlledRegistry.js';
import { OCI_MANIFEST, ociImage, pushImage } from '../support/images.js';
import {
  closeConnections,
  digestOf,
  expectStatus,
  V2Client,
  type Answer,
  type Repository,
} from '../support/v2client.js';

let registry: ControlledRegistry;
let alice: V2Client;

beforeAll(async () => {
  registry = await ControlledRegistry.start();
  for (const name of ['alice', 'bob', 'carol']) await registry.createUser(name);
  await registry.createUser('root', { superuser: true });
  alice = new V2Client(registry, 'alice');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

/** Points tags at one image, in as few requests as it takes. */
async function tag(repository: Repository, tags: readonly string[]): Promise<void> {
  const bytes = JSON.stringify(await ociImage(repository));
  for (let at = 0; at < tags.length; at += 100) {
    const query = tags
      .slice(at, at + 100)
      .map((name) => `tag=${name}`)
      .join('&');
    expectStatus(await repository.putManifest(bytes, OCI_MANIFEST, `${digestOf(bytes)}?${query}`), 201);
  }
}

const tagsOf = (answer: Answer): string[] => expectStatus(answer, 200).json<{ tags: string[] }>().tags;
const nextOf = (answer: Answer): string | undefined => /^<([^>]+)>; rel="next"$/.exec(answer.header('link') ?? '')?.[1];

describe('the list of tags', () => {
  const tags = ['0', 'A', 'Z', '_x', 'a', 'a-1', 'a.1', 'b', 'v1.0', 'v1.10', 'v1.9', 'z'];
  let repository: Repository;
  beforeAll(async () => {
    repository = alice.repository('alice/app');
    await tag(repository, tags.toReversed());
  });

  it('DS-101 DS-103 DS-104 is sorted and names the repository', async () => {
    const answer = await repository.get('tags/list');
    expect(answer.header('content-type')).toBe('application/json');
    expect(answer.json()).toEqual({ name: 'alice/app', tags: [...tags].sort() });
    expect(answer.header('link')).toBeUndefined();
  });

  it('DS-102 may be empty', async () => {
    const empty = alice.repository('alice/empty');
    await empty.beginUpload();
    expect((await empty.get('tags/list')).json()).toEqual({ name: 'alice/empty', tags: [] });
  });

  it('DS-105 DS-106 DS-108 DS-109 comes in pages of n that Links connect', async () => {
    const sorted = [...tags].sort();
    for (const size of [1, 5, 11]) {
      const listed: string[] = [];
      let path: string | undefined = `tags/list?n=${size}`;
      while (path !== undefined) {
        const answer: Answer = await repository.get(path);
        const page = tagsOf(answer);
        listed.push(...page);
        path = nextOf(answer);
        if (path !== undefined) {
          expect(page).toHaveLength(size);
          expect(path).toBe(`/v2/alice/app/tags/list?n=${size}&last=${page.at(-1) ?? ''}`);
        }
      }
      expect(listed).toEqual(sorted);
    }
    expect(nextOf(await repository.get(`tags/list?n=${tags.length}`))).toBeUndefined();
  });

  it('DS-107 is empty for n=0, without a Link', async () => {
    for (const size of ['0', '-1']) {
      const answer = await repository.get(`tags/list?n=${size}`);
      expect([tagsOf(answer), answer.header('link')]).toEqual([[], undefined]);
    }
    expect(tagsOf(await repository.get('tags/list?n=many'))).toHaveLength(tags.length);
  });

  it('DS-108 DS-110 begins after last, which need not be a tag', async () => {
    expect(tagsOf(await repository.get('tags/list?last=b'))).toEqual(['v1.0', 'v1.10', 'v1.9', 'z']);
    expect(tagsOf(await repository.get('tags/list?last=c'))).toEqual(['v1.0', 'v1.10', 'v1.9', 'z']);
    expect(tagsOf(await repository.get('tags/list?last=2'))).toEqual([...tags].sort().slice(1));
    expect(tagsOf(await repository.get('tags/list?last=z'))).toEqual([]);
    expect(tagsOf(await repository.get('tags/list?last=v1.0&n=1'))).toEqual(['v1.10']);
  });

  it('DS-105 is cut at 100 with a Link, whatever was asked for', async () => {
    const many = alice.repository('alice/many');
    const names = Array.from({ length: 205 }, (_, number) => `t${String(number).padStart(3, '0')}`);
    await tag(many, names);
    const listed: string[] = [];
    let path: string | undefined = 'tags/list?n=1000';
    while (path !== undefined) {
      const answer: Answer = await many.get(path);
      listed.push(...tagsOf(answer));
      path = nextOf(answer);
    }
    expect(listed).toEqual(names);
    expect(tagsOf(await many.get('tags/list'))).toHaveLength(100);
  });
});

describe('the catalog', () => {
  const catalog = async (client: V2Client, query = ''): Promise<Answer> =>
    client.send('GET', `/v2/_catalog${query}`, { token: client.username === null ? null : await client.token() });
  const namesIn = (answer: Answer): string[] =>
    expectStatus(answer, 200).json<{ repositories: string[] }>().repositories;

  beforeAll(async () => {
    for (const name of ['bob/a', 'bob/a-b', 'bob/a/b', 'bob/open', 'carol/x']) {
      await pushImage(new V2Client(registry, name.split('/')[0] ?? '').repository(name), 'v1');
    }
    await registry.call('setVisibility', 'bob/open', 'public');
  });

  it('DS-002 DS-003 has what the caller may pull by a right of his own', async () => {
    const [bob, carol] = [new V2Client(registry, 'bob'), new V2Client(registry, 'carol')];
    expect(namesIn(await catalog(bob))).toEqual(['bob/a', 'bob/a-b', 'bob/a/b', 'bob/open']);
    expect(namesIn(await catalog(carol))).toEqual(['carol/x']);
    await registry.call('grant', 'bob/a', 'carol', 'read');
    expect(namesIn(await catalog(carol))).toEqual(['bob/a', 'carol/x']);
    await registry.call('revoke', 'bob/a', 'carol');
    expect(namesIn(await catalog(carol))).toEqual(['carol/x']);
    await pushImage(bob.repository('bob/gone'), 'v1');
    await registry.call('grant', 'bob/gone', 'carol', 'admin');
    expect(namesIn(await catalog(carol))).toEqual(['bob/gone', 'carol/x']);
    await registry.call('deleteRepository', 'bob/gone');
    expect(namesIn(await catalog(carol))).toEqual(['carol/x']);
    expect(namesIn(await catalog(new V2Client(registry)))).toEqual([]);
  });

  it('has everything for a superuser, in pages', async () => {
    const root = new V2Client(registry, 'root');
    const all = namesIn(await catalog(root));
    expect(all).toEqual(expect.arrayContaining(['alice/app', 'bob/a', 'carol/x']));
    const listed: string[] = [];
    let query: string | undefined = '?n=2';
    while (query !== undefined) {
      const answer = await catalog(root, query);
      listed.push(...namesIn(answer));
      query = nextOf(answer)?.slice('/v2/_catalog'.length);
    }
    expect(listed).toEqual(all);
  });
});

describe('the catalog of an open registry', () => {
  it('has public repositories for everybody', async () => {
    const open = await ControlledRegistry.start({
      FEATURE_PUBLIC_CATALOG: 'true',
      CREATE_PRIVATE_REPO_ON_PUSH: 'false',
    });
    await open.createUser('alice');
    await pushImage(new V2Client(open, 'alice').repository('alice/app'), 'v1');
    const answer = await new V2Client(open).send('GET', '/v2/_catalog');
    expect(answer.json()).toEqual({ repositories: ['alice/app'] });
    closeConnections();
    await open.stop();
  });
});
