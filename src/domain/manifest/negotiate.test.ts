import { describe, expect, it } from '@jest/globals';
import { parseAccept } from './accept.js';
import {
  DOCKER_LIST,
  DOCKER_MANIFEST,
  type ManifestMediaType,
  OCI_INDEX,
  OCI_MANIFEST,
  SCHEMA1,
  SCHEMA1_SIGNED,
} from './mediaTypes.js';
import { negotiate, type Negotiation } from './negotiate.js';

const ALL = [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST, SCHEMA1, SCHEMA1_SIGNED] as const;

describe('negotiation', () => {
  it.each(ALL)('serves %s as stored to who accepts it or anything', (stored) => {
    const headers = [undefined, '', [], '*/*', 'application/*', 'text/html, */*;q=0.1', stored, [`text/html`, stored]];
    for (const header of headers) expect(negotiate(stored, parseAccept(header))).toBe('as-stored');
    expect(negotiate(stored, parseAccept(`text/html, ${stored.toUpperCase()}; q=0`))).toBe('as-stored');
    expect(negotiate(stored, parseAccept('application/json'))).toBe('as-stored');
    expect(negotiate(stored, parseAccept('text/html'))).toBe('not-acceptable');
  });

  it.each<[ManifestMediaType, readonly string[], Negotiation]>([
    [OCI_INDEX, [OCI_MANIFEST], 'amd64-child'],
    [OCI_INDEX, [DOCKER_MANIFEST, SCHEMA1_SIGNED, 'application/json'], 'amd64-child'],
    [DOCKER_LIST, [DOCKER_MANIFEST], 'amd64-child'],
    [DOCKER_LIST, [SCHEMA1], 'amd64-child'],
    [OCI_INDEX, [DOCKER_LIST, DOCKER_MANIFEST], 'not-acceptable'],
    [DOCKER_LIST, [OCI_INDEX, OCI_MANIFEST], 'not-acceptable'],
    [OCI_MANIFEST, [DOCKER_MANIFEST, DOCKER_LIST], 'not-acceptable'],
    [OCI_MANIFEST, [OCI_INDEX], 'not-acceptable'],
    [OCI_MANIFEST, [DOCKER_MANIFEST, 'application/json'], 'as-stored'],
    [DOCKER_MANIFEST, [SCHEMA1, SCHEMA1_SIGNED], 'not-acceptable'],
    [SCHEMA1_SIGNED, [OCI_MANIFEST], 'not-acceptable'],
  ])('%s for a client of %j is %s', (stored, accepted, outcome) => {
    expect(negotiate(stored, parseAccept(accepted))).toBe(outcome);
    expect(negotiate(stored, parseAccept(accepted.join(', ')))).toBe(outcome);
  });

  it('takes each header apart once, and forgets when there are too many', () => {
    const first = parseAccept('text/first');
    expect(parseAccept('text/first')).toBe(first);
    for (let index = 0; index < 300; index += 1) parseAccept(`text/x${index}`);
    expect(parseAccept('text/first')).toEqual(first);
    const long = `text/${'x'.repeat(3_000)}`;
    expect(parseAccept(long)).not.toBe(parseAccept(long));
  });
});
