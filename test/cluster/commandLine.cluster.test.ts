import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { allProjections } from '../../src/composition/projections.js';
import { pushImage } from '../support/images.js';
import { PASSWORD, type RegistryProcess } from '../support/registry.js';
import { runningCluster } from './running.js';

const running = await runningCluster();

type Event = { readonly type: string; readonly stream: string; readonly position: string };

(running ? describe : describe.skip)('the command line beside a cluster', () => {
  if (!running) return;
  /** Where the commands run: a machine with the configuration of one of the nodes, and nothing else. */
  let desk: RegistryProcess;
  const json = async <Body>(...args: string[]): Promise<Body> =>
    JSON.parse(await desk.run([...args, '--json'])) as Body;

  beforeAll(async () => {
    [desk] = running.nodes;
    await running.cluster.createUser('alice');
    const repository = running.anywhere('alice').repository('alice/app');
    for (const tag of ['v1', 'v2', 'v3']) await pushImage(repository, tag);
  });

  it('makes accounts that all nodes know at once', async () => {
    await desk.run(['user', 'create', 'bob', '--password-stdin'], PASSWORD);
    for (const node of running.nodes) expect((await running.on(node, 'bob').requestToken([])).status).toBe(200);
    await expect(desk.run(['user', 'create', 'bob', '--password-stdin'], PASSWORD)).rejects.toThrow('bob');
  });

  it('shows, rebuilds and compares the read models, by the process that feeds them', async () => {
    const lanes = await json<{ projection: string; active: boolean; behind: number }[]>('projections', 'status');
    expect(lanes.map(({ projection }) => projection)).toEqual(allProjections.map(({ name }) => name).sort());
    expect(lanes.filter(({ active, behind }) => !(active && behind >= 0))).toEqual([]);
    expect(await json('projections', 'rebuild', 'tags')).toMatchObject({ projection: 'tags' });
    await desk.run(['projections', 'rebuild']);
    const verdicts = await json<{ projection: string; differences: string[] }[]>('projections', 'verify');
    expect(verdicts.filter(({ differences }) => differences.length > 0)).toEqual([]);
    expect(verdicts).toHaveLength(lanes.length);
    await expect(desk.run(['projections', 'rebuild', 'nothing'])).rejects.toThrow('no projection is called nothing');
    for (const node of running.nodes) {
      const answer = await running.on(node, 'alice').repository('alice/app').get('tags/list');
      expect(answer.json()).toEqual({ name: 'alice/app', tags: ['v1', 'v2', 'v3'] });
    }
  });

  it('reads and hashes the contents, wherever they lie', async () => {
    const report = await json<{ contents: number }>('contents', 'verify');
    expect(report).toMatchObject({ damaged: 0, unreadable: 0, findings: [] });
    // A config, a layer and a manifest each.
    expect(report.contents).toBeGreaterThanOrEqual(9);
  });

  it('lists, exports and proves the log', async () => {
    const pushes = await desk.run(['events', 'list', '--type', 'ManifestPushed', '--json']);
    const listed = pushes
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Event);
    expect(listed.map(({ type }) => type)).toEqual(Array<string>(3).fill('ManifestPushed'));
    const [first] = listed;
    const after = await desk.run(['events', 'list', '--type', 'ManifestPushed', '--after', first?.position ?? '']);
    expect(after.trim().split('\n')).toHaveLength(2);
    expect(await json('events', 'verify')).toMatchObject({ ok: true });
    const file = join(desk.dataPath, '..', 'log.jsonl');
    await desk.run(['events', 'export', file]);
    expect(await readFile(file, 'utf8')).toContain('ManifestPushed');
    expect(await json('events', 'verify', file)).toMatchObject({ ok: true });
  });

  it('shows the configuration without its secrets', async () => {
    const shown = await desk.run(['config', 'check']);
    expect(shown).toContain('EVENTSTORE_CONNECTION');
    expect(shown).not.toContain(running.cluster.settings['MASTER_KEY']);
  });
});
