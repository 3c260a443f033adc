import * as disk from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, jest } from '@jest/globals';
import { keyOf } from './sampleContents.js';

let code = '';
const fails = (): Promise<never> => Promise.reject(Object.assign(new Error(`${code}: stat`), { code }));
jest.unstable_mockModule('node:fs/promises', () => ({ ...disk, stat: fails }));

// Only from here on do modules see the disk that fails.
const { FileSystemBlobStore } = await import('./filesystem.js');
const { StoreUnavailable } = await import('../../ports/errors.js');

const store = new FileSystemBlobStore(join(tmpdir(), 'not-there'));
const key = keyOf(Buffer.from('some bytes'));

it.each(['EIO', 'ESTALE', 'EMFILE'])(
  'a disk that answers %s to a look is away, and not without the content',
  async (trouble) => {
    code = trouble;
    await expect(store.stat(key)).rejects.toThrow(StoreUnavailable);
  },
);

it('a disk that says that there is no file lacks the content', async () => {
  code = 'ENOENT';
  expect(await store.stat(key)).toBeUndefined();
});
