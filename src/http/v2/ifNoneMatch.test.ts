import { describe, expect, it } from '@jest/globals';
import { namesEtag } from './ifNoneMatch.js';

describe('If-None-Match', () => {
  const etag = '"sha256:abc"';

  it.each([
    etag,
    `W/${etag}`,
    '*',
    ' * ',
    `"other", ${etag}`,
    `"other",W/"another",\tW/${etag} , "last"`,
    `${etag},"a, b"`,
    `"a, b",${etag}`,
  ])('%j names it', (header) => {
    expect(namesEtag(header, etag)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'sha256:abc',
    '"sha256:ABC"',
    '"sha256:abcd"',
    '"other", *',
    `w/${etag}`,
    '"a,"sha256:abc""',
  ])('%j does not name it', (header) => {
    expect(namesEtag(header, etag)).toBe(false);
  });
});
