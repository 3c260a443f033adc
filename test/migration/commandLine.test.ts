import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { quickFolder, World } from '../support/world.js';
import { tidemark, type Ran } from './commandLine.js';
import { furnish } from './furnished.js';

let folder: string;
let world: World;
beforeEach(async () => {
  folder = quickFolder();
  world = await World.open();
  await furnish(world);
  await world.stores.close();
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await world.close();
});

const run = (...args: readonly string[]): Promise<Ran> =>
  tidemark(args, { cwd: folder, env: { TIDEMARK_DATA_PATH: world.folder } });

/** The names of what it tells people, in their order. */
const rows = ({ stdout }: Ran): string[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');

function config(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('tidemark migrate', () => {
  it('says in one line what it cannot do, and makes nothing', async () => {
    const same = config('same.yaml', `DATA_PATH: ${world.folder}\n`);
    const wrong = config('wrong.yaml', 'HTTP_PORT: much\n');
    const empty = config('empty.yaml', `DATA_PATH: ${join(folder, 'empty')}\n`);
    for (const [args, line] of [
      [[], 'give either --to or --from, with the configuration file of the other installation'],
      [
        ['--to', same, '--from', same],
        'give either --to or --from, with the configuration file of the other installation',
      ],
      [['--to', join(folder, 'none.yaml')], `there is no ${join(folder, 'none.yaml')}`],
      [['--to', same], `tidemark: source and target are the same: both keep their data in ${world.folder}`],
      [['--from', empty], `tidemark: there is no registry in ${join(folder, 'empty')}`],
      [['--to', wrong], `config: ${wrong}: HTTP_PORT`],
    ] as const) {
      const { code, stdout, stderr } = await run('migrate', ...args);
      expect([code, stdout, stderr.split('\n').length]).toEqual([1, '', 2]);
      expect(stderr).toContain(line);
    }
    expect(existsSync(join(folder, 'empty'))).toBe(false);
  });

  it('tells people and programs what it did, there and back', async () => {
    const there = config('there.yaml', `DATA_PATH: ${join(folder, 'there')}\n`);
    const early = await run('migrate', '--to', there, '--verify-only');
    expect([early.code, early.stderr]).toEqual([
      1,
      'tidemark: nothing was copied into the target yet: migrate first\n',
    ]);
    const first = await run('migrate', '--to', there);
    expect([first.code, first.stderr]).toEqual([0, 'Its read models are built when it is first served.\n']);
    expect(first.stdout).toMatch(/^events +40\n/);
    expect(first.stdout).toMatch(/^verified +true$/m);
    const back = await run('migrate', '--from', there, '--json');
    expect(back.code).toBe(0);
    expect(JSON.parse(back.stdout)).toMatchObject({ events: 40, copiedEvents: 0, copiedBytes: 0, verified: true });
    for (const line of back.stderr.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('phase');
    const verified = await run('migrate', '--to', there, '--verify-only');
    expect(verified.code).toBe(0);
    expect(rows(verified)).toEqual(rows(first));
    expect(rows(first)).not.toContain('damaged');
    expect(JSON.parse(back.stdout)).toHaveProperty('damaged', []);
  });
});
