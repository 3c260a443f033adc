import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { quickFolder } from '../../../test/support/world.js';
import { TokenFile } from './tokenFile.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = quickFolder();
  path = join(folder, 'quay', 'token.json');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('is made with its folder, for its owner alone, and read again', async () => {
  const file = new TokenFile(path);
  expect(await file.read()).toBeUndefined();
  await file.write('one');
  expect(await file.read()).toBe('one');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await file.write('two');
  expect(await file.read()).toBe('two');
  expect(readdirSync(join(folder, 'quay'))).toEqual(['token.json']);
});

it('is removed, and once more', async () => {
  const file = new TokenFile(path);
  await file.write('one');
  await file.remove();
  await file.remove();
  expect(await file.read()).toBeUndefined();
});

it.each(['', 'not JSON', '[]', '{"access_token": 7}', '{}'])('that holds %j holds no token', async (text) => {
  writeFileSync(join(folder, 'odd.json'), text);
  expect(await new TokenFile(join(folder, 'odd.json')).read()).toBeUndefined();
});

it('that cannot be written is left as it was', async () => {
  writeFileSync(join(folder, 'quay'), 'a file where a folder is needed');
  await expect(new TokenFile(path).write('one')).rejects.toThrow();
  expect(readdirSync(folder)).toEqual(['quay']);
});
