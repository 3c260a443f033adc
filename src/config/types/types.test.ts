import { describe, expect, it } from '@jest/globals';
import { autoPrunePolicy } from './autoPrunePolicy.js';
import { list, mapping, object, part, preset, words } from './collections.js';
import { isRead, noFindings, Place } from './place.js';
import { duration, size } from './quantities.js';
import { anything, choice, count, either, flag, integer, nullable, number, secret, text } from './scalars.js';
import { storageLocations } from './storage.js';
import { hostAndPort, masterKey, network, parseMasterKey, streamPrefix, webUrl } from './texts.js';
import type { ValueType } from './valueType.js';

const read = (type: ValueType<unknown>, value: unknown): { value: unknown; problems: string[]; warnings: string[] } => {
  const findings = noFindings();
  const parsed = type.parse(value, new Place('KEY', 'a test', findings));
  expect(isRead(parsed)).toBe(findings.problems.length === 0);
  return { value: isRead(parsed) ? parsed : 'refused', ...findings };
};
const valueOf = (type: ValueType<unknown>, value: unknown): unknown => read(type, value).value;

describe('scalars', () => {
  it.each<[ValueType<unknown>, unknown, unknown]>([
    [flag, true, true],
    [flag, 'TRUE', true],
    [flag, 'false', false],
    [flag, 'on', false],
    [flag, 1, 'refused'],
    [integer(), '-12', -12],
    [integer(), 1.5, 'refused'],
    [integer(), '1e3', 'refused'],
    [integer(), 2 ** 60, 'refused'],
    [count, -1, 'refused'],
    [number({ min: 0, max: 1 }), '0.25', 0.25],
    [number({ min: 0, max: 1 }), 2, 'refused'],
    [number(), Number.NaN, 'refused'],
    [text, 'a', 'a'],
    [streamPrefix, 'east_1', 'east_1'],
    [streamPrefix, 'east-1', 'refused'],
    [streamPrefix, 'east.1', 'refused'],
    [streamPrefix, '$all', 'refused'],
    [streamPrefix, '', 'refused'],
    [text, 5, 'refused'],
    [choice('a', 'b'), 'b', 'b'],
    [choice('a', 'b'), 'B', 'refused'],
    [nullable(count), null, null],
    [nullable(count), 'x', 'refused'],
    [either(list(text), text), 'a', 'a'],
    [either(list(text), text), ['a'], ['a']],
    [either(list(text), text), 5, 'refused'],
    [anything, { a: [1, null] }, { a: [1, null] }],
    [anything, new Date(0), 'refused'],
  ])('%#: %j', (type, given, expected) => {
    expect(valueOf(type, given)).toEqual(expected);
  });

  it.each<[ValueType<unknown>, unknown, string]>([
    [streamPrefix, 12, 'KEY: 12 (from a test) is not allowed; it takes letters, digits and _; a number in quotes'],
    [streamPrefix, 1.5, 'KEY: 1.5 (from a test) is not allowed; it takes letters, digits and _'],
    [text, 12, 'KEY: 12 (from a test) is not allowed; it takes text (numbers and dates in quotes)'],
  ])('says of a number that it wants quotes where those would help: %#', (type, given, problem) => {
    expect(read(type, given).problems).toEqual([problem]);
  });

  it('warns about text that is neither true nor false', () => {
    expect(read(flag, 'on').warnings).toEqual(['KEY: text other than "true" means off (from a test)']);
  });

  it('masks secrets and shortens what is long', () => {
    expect(read(secret(text), 12_345).problems[0]).toContain('********');
    expect(read(choice('a'), 'x'.repeat(500)).problems[0]?.length).toBeLessThan(150);
  });
});

describe('words', () => {
  it.each([
    [
      ['a:1', 'b:2'],
      ['a:1', 'b:2'],
    ],
    ['a:1', ['a:1']],
    ['a:1, b:2', ['a:1', 'b:2']],
    ['["a:1", "b:2"]', ['a:1', 'b:2']],
    ['', 'refused'],
    ['[', 'refused'],
    [[], 'refused'],
    [[1], 'refused'],
    [5, 'refused'],
  ])('%#: %j', (given, expected) => {
    expect(valueOf(words(text, 1), given)).toEqual(expected);
  });

  it('say how they are written', () => {
    expect(read(words(text, 1), 5).problems[0]).toMatch(/a list of at least 1 .*, or one text with commas$/);
  });

  it('hold each against its type, and leave the lists that Quay has as they are', () => {
    expect(valueOf(words(choice('a', 'b')), 'a, c')).toBe('refused');
    expect(valueOf(list(text), 'a')).toBe('refused');
  });
});

describe('quantities', () => {
  it.each([
    ['0s', 0],
    ['90m', 5400],
    ['12h', 43_200],
    ['2w', 1_209_600],
    ['1y', 31_536_000],
  ])('a duration of %s is %d seconds', (given, seconds) => {
    expect(valueOf(duration, given)).toEqual({ text: given, seconds });
  });

  it.each(['', '5', 'w', '1.5h', '-1d', '1 d', '1M', 5, null])('%j is no duration', (given) => {
    expect(valueOf(duration, given)).toBe('refused');
  });

  it('reads sizes in powers of 1024, in the units that are allowed', () => {
    expect(valueOf(size(), '3K')).toEqual({ text: '3K', bytes: 3072 });
    expect(valueOf(size('MG'), '3K')).toBe('refused');
    expect(valueOf(size('KMG', { max: '64M' }), '65M')).toBe('refused');
    expect(valueOf(size(), '0G')).toBe('refused');
    expect(valueOf(size(), '20')).toBe('refused');
  });
});

describe('texts', () => {
  it.each(['localhost', 'localhost:8080', 'quay.example.com', '[::1]:8080', '10.0.0.1:5000'])(
    '%s is a host',
    (given) => {
      expect(valueOf(hostAndPort, given)).toBe(given);
    },
  );
  it.each(['', 'http://a', 'a/b', 'a:port', 'a b', '-a'])('%j is no host', (given) => {
    expect(valueOf(hostAndPort, given)).toBe('refused');
  });
  it.each(['10.0.0.0/8', '::1', 'fd00::/8', '192.168.1.1'])('%s is a network', (given) => {
    expect(valueOf(network, given)).toBe(given);
  });
  it.each(['10.0.0.0/33', 'host', '10.0.0.0/8/8', '::/129'])('%s is no network', (given) => {
    expect(valueOf(network, given)).toBe('refused');
  });
  it('takes web addresses of two schemes', () => {
    expect(valueOf(webUrl, 'https://a/b')).toBe('https://a/b');
    expect(valueOf(webUrl, 'ftp://a')).toBe('refused');
  });
  it('reads a master key in both notations', () => {
    const key = Buffer.alloc(32, 7);
    for (const given of [key.toString('hex'), key.toString('base64'), `${key.toString('base64url')}\n`]) {
      expect(parseMasterKey(given)).toEqual(key);
    }
    expect(valueOf(masterKey, 'short')).toBe('refused');
  });
});

describe('collections', () => {
  const block = object({ required: { id: text }, optional: { port: count }, preset: { tls: preset(flag, true) } });

  it('names every member that is wrong', () => {
    expect(read(list(count), [1, 'a', -1]).problems.map((line) => line.split(':')[0])).toEqual(['KEY[1]', 'KEY[2]']);
    expect(read(mapping(count), { a: 1, b: 'x' }).problems[0]).toContain('KEY.b');
    expect(read(block, { port: 'x' }).problems.map((line) => line.split(':')[0])).toEqual(['KEY.id', 'KEY.port']);
  });

  it('fills in members with a value of their own and takes null as absent', () => {
    expect(valueOf(block, { id: 'a', port: null, tls: null })).toEqual({ id: 'a', tls: true });
  });

  it('warns about members that it does not know, unless it is open', () => {
    expect(read(block, { id: 'a', prot: 1 }).warnings).toEqual([
      'KEY.prot: unknown, ignored; did you mean port? (from a test)',
    ]);
    expect(read(object({ required: { id: text }, open: true }), { id: 'a', more: 1 }).warnings).toEqual([]);
  });

  it('demands as many items as are needed', () => {
    expect(valueOf(list(text, 1), [])).toBe('refused');
  });

  it('reads a part and its parameters', () => {
    expect(valueOf(part, ['name'])).toEqual({ name: 'name', parameters: {} });
    expect(valueOf(part, ['name', 5])).toBe('refused');
    expect(valueOf(part, 'name')).toBe('refused');
  });
});

describe('storage', () => {
  const locations = (given: unknown): ReturnType<typeof read> => read(storageLocations, given);

  it('keeps the order, the driver and its parameters', () => {
    const s3 = { storage_path: '/r', s3_bucket: 'b', s3_region: 'eu-1', port: '443' };
    expect(locations({ far: ['S3Storage', s3], near: ['LocalStorage', { storage_path: '/d' }] }).value).toEqual([
      { id: 'far', driver: 'S3Storage', parameters: { ...s3, port: 443, signature_version: 's3v4' } },
      { id: 'near', driver: 'LocalStorage', parameters: { storage_path: '/d' } },
    ]);
  });

  it.each<[unknown, string]>([
    [{ a: ['FakeStorage', {}] }, 'KEY.a: "FakeStorage"'],
    [{ a: ['LocalStorage', {}] }, 'KEY.a.LocalStorage.storage_path: missing'],
    [{ a: ['toString', {}] }, 'KEY.a: "toString"'],
    [{ a: 'LocalStorage' }, 'KEY.a: "LocalStorage"'],
    [{}, 'KEY: a mapping'],
    [[], 'KEY: a list'],
  ])('refuses %j', (given, problem) => {
    expect(locations(given).problems).toEqual([expect.stringContaining(problem)]);
  });
});

describe('policies of auto-pruning', () => {
  it('read what their method counts', () => {
    expect(valueOf(autoPrunePolicy, { method: 'number_of_tags', value: '5', tag_pattern: '^v' })).toEqual({
      method: 'number_of_tags',
      value: 5,
      tagPattern: '^v',
      tagPatternMatches: true,
    });
    expect(valueOf(autoPrunePolicy, { method: 'creation_date', value: '7d', tag_pattern_matches: false })).toEqual({
      method: 'creation_date',
      value: { text: '7d', seconds: 604_800 },
      tagPattern: undefined,
      tagPatternMatches: false,
    });
  });

  it.each([
    [{ method: 'number_of_tags', value: 0 }],
    [{ method: 'number_of_tags', value: '7d' }],
    [{ method: 'creation_date', value: 7 }],
    [{ method: 'creation_date', value: '0d' }],
    [{ method: 'age', value: '7d' }],
    ['7d'],
  ])('refuse %j', (given) => {
    expect(valueOf(autoPrunePolicy, given)).toBe('refused');
  });
});
