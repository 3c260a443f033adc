import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { catalogue } from '../../src/http/api/events/catalogue.js';
import type { JsonObject } from '../../src/domain/shared/json.js';
import { BASELINE } from './files.js';
import { brokenPromises, promiseOf, type Promised } from './promises.js';

const text = { type: 'string' };
const object = (properties: JsonObject, ...required: string[]): JsonObject => ({
  type: 'object',
  properties,
  required,
});
const tagMoved = object({ tag: text, end: { type: ['string', 'null'] }, note: text }, 'tag', 'end');

const promise = (versions: { readonly [version: string]: JsonObject }, more: Partial<Promised> = {}): Promised => ({
  headers: object({ ce_id: text }, 'ce_id'),
  definitions: {
    Digest: { ...text, pattern: '^sha256:' },
    Kind: { ...text, enum: ['user', 'robot'] },
    Who: {
      anyOf: [
        object({ kind: { const: 'user' }, id: text }, 'kind', 'id'),
        object({ kind: { const: 'system' } }, 'kind'),
      ],
    },
  },
  events: {
    TagMoved: {
      categories: ['repository'],
      version: Object.keys(versions).length,
      versions: Object.fromEntries(Object.entries(versions).map(([version, schema]) => [version, { schema }])),
    },
  },
  ...more,
});
const broken = (old: JsonObject, now: JsonObject): readonly string[] =>
  brokenPromises(promise({ 1: old }), promise({ 1: now }));

const digest = { $ref: '#/$defs/Digest' };
const kind = { $ref: '#/$defs/Kind' };
const nullable = (schema: JsonObject): JsonObject => ({ anyOf: [schema, { type: 'null' }] });
const user = object({ kind: { const: 'user' }, id: text }, 'kind', 'id');
const system = object({ kind: { const: 'system' } }, 'kind');
const wrap = (schema: JsonObject): JsonObject => object({ it: schema }, 'it');

describe('what does not break a promise', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['nothing', tagMoved, tagMoved],
    ['a comment', tagMoved, { ...tagMoved, description: 'Moved.' }],
    ['a new field that may be absent', object({ tag: text }, 'tag'), object({ tag: text, why: text }, 'tag')],
    ['one more value of an enumeration', wrap({ ...text, enum: ['a'] }), wrap({ ...text, enum: ['b', 'a'] })],
    ['one value that becomes several', wrap({ const: 'a' }), wrap({ ...text, enum: ['a', 'b'] })],
    ['a name for a type', wrap({ ...text, pattern: '^sha256:' }), wrap(digest)],
    ['null in other words', wrap({ type: ['string', 'null'] }), wrap(nullable(text))],
    ['the order of alternatives', wrap({ anyOf: [user, system] }), wrap({ anyOf: [system, user] })],
    [
      'one more kind of those that say which they are',
      wrap({ anyOf: [user, system] }),
      wrap({ anyOf: [user, system, object({ kind: { const: 'link' }, url: text }, 'kind')] }),
    ],
    [
      'a field in a list',
      wrap({ type: 'array', items: object({ tag: text }, 'tag') }),
      wrap({ type: 'array', items: object({ tag: text, why: text }, 'tag') }),
    ],
  ])('%s', (_, old, now) => {
    expect(broken(old, now)).toEqual([]);
  });

  it('a new event', () => {
    const present = promise({ 1: tagMoved });
    expect(brokenPromises({ ...present, events: {} }, present)).toEqual([]);
  });

  it('a new version that holds anything, beside the old one', () => {
    expect(brokenPromises(promise({ 1: tagMoved }), promise({ 1: tagMoved, 2: wrap(digest) }))).toEqual([]);
  });
});

describe('what breaks a promise', () => {
  it.each<[string, JsonObject, JsonObject, string]>([
    [
      'a field that is gone',
      object({ tag: text, note: text }, 'tag'),
      object({ tag: text }, 'tag'),
      'data.note is not there any more',
    ],
    ['a field that may be absent now', tagMoved, { ...tagMoved, required: ['tag'] }, 'data.end may be absent now'],
    [
      'a field that may not be absent any more',
      tagMoved,
      { ...tagMoved, required: ['tag', 'end', 'note'] },
      'data.note may not be absent any more, though events without it were written',
    ],
    [
      'a new field that old events lack',
      object({}),
      object({ why: text }, 'why'),
      'data.why is new and may not be absent, though events without it were written',
    ],
    ['another type', wrap(text), wrap({ type: 'integer' }), 'data.it cannot be a text any more'],
    ['a type that can be null now', wrap(digest), wrap(nullable(digest)), 'data.it can be null now'],
    ['a type that cannot be null any more', wrap(nullable(digest)), wrap(digest), 'data.it cannot be null any more'],
    [
      'a number that need not be whole',
      wrap({ type: 'integer' }),
      wrap({ type: 'number' }),
      'data.it cannot be a whole number any more',
    ],
    [
      'a text of another form',
      wrap(digest),
      wrap({ ...text, pattern: '^sha' }),
      'data.it has another `pattern`: "^sha", not "^sha256:"',
    ],
    [
      'a text of a form that it did not have',
      wrap(text),
      wrap({ ...text, format: 'uuid' }),
      'data.it has another `format`: "uuid", not nothing',
    ],
    [
      'a value that an enumeration lost',
      wrap(kind),
      wrap({ ...text, enum: ['user'] }),
      'data.it cannot be "robot" any more, though it was written',
    ],
    [
      'an enumeration that is none any more',
      wrap(kind),
      wrap(text),
      'data.it is not one of "user", "robot" any more, but a text',
    ],
    [
      'an enumeration that was none',
      wrap(text),
      wrap(kind),
      'data.it is one of "user", "robot" now, though others were written',
    ],
    [
      'a change in a list',
      wrap({ type: 'array', items: text }),
      wrap({ type: 'array', items: { type: 'integer' } }),
      'data.it[] cannot be a text any more',
    ],
    [
      'a change in a table',
      wrap({ type: 'object', additionalProperties: text }),
      wrap({ type: 'object', additionalProperties: kind }),
      'data.it.* is one of',
    ],
    [
      'a table that is none any more',
      wrap({ type: 'object', additionalProperties: text }),
      wrap(object({})),
      'data.it.* is of another kind',
    ],
    [
      'a change in one of several',
      wrap({ anyOf: [user, system] }),
      wrap({ anyOf: [object({ kind: { const: 'user' } }, 'kind'), system] }),
      'data.it.id is not there any more',
    ],
    [
      'one of several that is gone',
      wrap({ anyOf: [user, system] }),
      wrap(user),
      'data.it.kind cannot be "system" any more',
    ],
    [
      'another object that does not say which it is',
      wrap({ anyOf: [user, system] }),
      wrap({ anyOf: [user, system, object({ url: text })] }),
      'data.it can be an object now',
    ],
    ['anything instead of something', wrap(text), wrap({}), 'data.it cannot be a text any more'],
    ['a change of a named type', wrap({ $ref: '#/$defs/Who' }), wrap(user), 'data.it.kind cannot be "system" any more'],
  ])('%s', (_, old, now, expected) => {
    expect(broken(old, now).join('\n')).toContain(`TagMoved, version 1: ${expected}`);
  });

  it('tells what to do about it: a new version beside the old one', () => {
    expect(broken(wrap(text), wrap(kind)).join()).toMatch(
      /Undo it, or raise the schema version: .*`TagMoved\.v1` of FormerEvents/,
    );
    const lost = brokenPromises(promise({ 1: tagMoved }), promise({ 1: object({}), 2: tagMoved }));
    expect(lost.join()).toContain('Leave `TagMoved.v1` of FormerEvents as it was');
  });

  it.each<[string, Partial<Promised>, string]>([
    ['an event that is gone', { events: {} }, 'TagMoved is not there any more'],
    ['a header that is gone', { headers: object({}) }, 'headers.ce_id is not there any more'],
    [
      'a topic that it leaves',
      { events: { TagMoved: { categories: ['tag'], version: 1, versions: { 1: { schema: tagMoved } } } } },
      'TagMoved is not in streams of repository any more',
    ],
    [
      'a version that is gone',
      { events: { TagMoved: { categories: ['repository'], version: 2, versions: { 2: { schema: tagMoved } } } } },
      'TagMoved has no version 1 any more. Give it back, as `TagMoved.v1` of FormerEvents',
    ],
  ])('%s', (_, change, expected) => {
    expect(brokenPromises(promise({ 1: tagMoved }), promise({ 1: tagMoved }, change)).join('\n')).toContain(expected);
  });

  it('a version that goes back', () => {
    const [raised, back] = [promise({ 1: tagMoved, 2: wrap(text) }), promise({ 1: tagMoved })];
    expect(brokenPromises(raised, back)).toEqual([
      'TagMoved went back to version 1 from 2.',
      'TagMoved has no version 2 any more. Give it back, as `TagMoved.v2` of FormerEvents.',
    ]);
  });
});

describe('what the last release promised of events', () => {
  // Changed by `npm run events:release` only.
  const promised = JSON.parse(readFileSync(BASELINE, 'utf8')) as Promised;

  it('is kept', () => {
    expect(brokenPromises(promised, promiseOf(catalogue))).toEqual([]);
  });

  it('would be seen to be broken in every field of every event', () => {
    const unseen = Object.entries(promised.events).flatMap(([type, { categories, version, versions }]) => {
      const { schema } = versions[version] ?? {};
      const names = Object.keys((schema?.['properties'] ?? {}) as JsonObject);
      return names.filter((name) => {
        const properties = { ...(schema?.['properties'] as JsonObject), [name]: undefined };
        const without = {
          [type]: { categories, version, versions: { ...versions, [version]: { schema: { ...schema, properties } } } },
        };
        return brokenPromises(promised, { ...promised, events: { ...promised.events, ...without } }).length === 0;
      });
    });
    expect(unseen).toEqual([]);
  });
});
