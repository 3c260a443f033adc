import { describe, expect, it } from '@jest/globals';
import type { Generation, UploadId } from '../../../ports/blobStore.js';
import { keyOf } from '../sampleContents.js';
import { ObjectNames } from './objectNames.js';

describe('names of objects', () => {
  const key = keyOf(Buffer.from('bytes'));

  it.each([
    ['/datastorage/registry', 'datastorage/registry/'],
    ['registry/', 'registry/'],
    ['/', ''],
    ['', ''],
  ])('lie below %j', (path, root) => {
    const names = new ObjectNames(path);
    const name = names.content(key);
    expect(name.startsWith(`${root}sha256/`)).toBe(true);
    expect(names.contentKey(name)).toEqual(key);
    expect(names.state('one' as UploadId)).toBe(`${root}uploads/one/state`);
  });

  it('are none for what would leave its folder', () => {
    const names = new ObjectNames('r');
    expect(() => names.content({ ...key, generation: '../other' as Generation })).toThrow(RangeError);
    expect(() => names.upload('../other' as UploadId)).toThrow(RangeError);
    expect(names.contentKey('r/sha256/ab/nothing/one')).toBeUndefined();
    expect(names.contentKey(`${names.content(key)}/more`)).toBeUndefined();
  });
});
