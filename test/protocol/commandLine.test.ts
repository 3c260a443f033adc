import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RegistryProcess } from '../support/registry.js';

let registry: RegistryProcess;

beforeAll(async () => {
  registry = await RegistryProcess.start();
});
afterAll(() => registry.stop());

const otherFolder = (): string => join(registry.dataPath, '..', 'other');

it('a port that is taken is named, and nothing but that is said', async () => {
  const started = registry.run(['serve'], '', { DATA_PATH: otherFolder(), LOG_LEVEL: 'error' });
  const said = await started.then(
    () => 'it started',
    (error: unknown) => String(error),
  );
  expect(said).toContain(`cannot listen on port ${registry.port}: something listens there already`);
  expect(said).toContain('TIDEMARK_HTTP_PORT');
  expect(said).not.toMatch(/background|fatal|\n\s+at /i);
});

describe('where there is no registry', () => {
  it.each([
    ['events', 'list'],
    ['events', 'verify'],
    ['events', 'export', 'log.ndjson'],
    ['projections', 'status'],
    ['projections', 'rebuild'],
    ['projections', 'verify'],
    ['contents', 'verify'],
  ])('%s %s says so and makes none', async (...args) => {
    const folder = join(registry.dataPath, '..', 'mistyped');
    await expect(registry.run(args, '', { DATA_PATH: folder })).rejects.toThrow(`there is no registry in ${folder}`);
    expect(existsSync(folder)).toBe(false);
  });
});

it('an account is made where the answer says', async () => {
  const folder = join(registry.dataPath, '..', 'before-the-start');
  const said = await registry.run(['user', 'create', 'admin', '--json'], '', { DATA_PATH: folder });
  expect(JSON.parse(said)).toMatchObject({ name: 'admin' });
  await expect(registry.run(['user', 'create', 'admin'], '', { DATA_PATH: folder })).rejects.toThrow(/admin/);
  expect(existsSync(join(folder, 'log.sqlite'))).toBe(true);
});
