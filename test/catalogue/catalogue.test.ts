import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { catalogue as written, schemaDocument } from '../../src/http/api/events/catalogue.js';
import { catalogue as types } from '../../src/domain/catalogue.js';
import { isDigest } from '../../src/domain/shared/digest.js';
import { isJsonObject, type Json, type JsonObject } from '../../src/domain/shared/json.js';
import { position } from '../../src/domain/shared/ids.js';
import { timestamp } from '../../src/domain/shared/time.js';
import type { RecordedEvent } from '../../src/domain/shared/envelope.js';
import { toMessage } from '../../src/adapters/bus/kafka/message.js';
import { readFixtures } from '../fixtures/fixtures.js';
import { generateCatalogue } from './catalogue.js';
import { CATALOGUE, EXAMPLES, GUIDE, written as asWritten } from './files.js';
import { withLists } from './guide.js';
import { isList, mapped, member } from './json.js';
import { closed, faultsIn } from './validator.js';

const fixtures = readFixtures();
const complete = (title: string, schema: JsonObject): JsonObject =>
  schemaDocument({ id: `https://registry.example.com/${title}`, title, schema }, written);
const schemaOf = (type: string, version: number): JsonObject => {
  const { schema } = member(member(written.events, type).versions, String(version));
  return complete(`${type}/${version}`, schema);
};
const form = (name: string): JsonObject => complete(name, { $ref: `#/$defs/${name}` });

describe('the catalogue of events', () => {
  it('is up to date, and so is what the guide says of it (if not: npm run docs:events)', async () => {
    const generated = generateCatalogue();
    expect(readFileSync(CATALOGUE, 'utf8')).toBe(await asWritten(CATALOGUE, JSON.stringify(generated)));
    const guide = readFileSync(GUIDE, 'utf8');
    expect(guide).toBe(await asWritten(GUIDE, withLists(guide, generated)));
  });

  it('has every type of event, in every version', () => {
    expect(Object.keys(written.events).sort()).toEqual(Object.keys(types).sort());
    for (const [type, { version, versions }] of Object.entries(written.events)) {
      const all = Array.from({ length: version }, (_, index) => String(index + 1));
      expect({ type, versions: Object.keys(versions) }).toEqual({ type, versions: all });
    }
  });

  it('says of every event, field and named type what it is', () => {
    const silent: string[] = [];
    const visit = (schema: JsonObject, path: string): void => {
      if (!isDescribed(schema)) silent.push(path);
      for (const [name, each] of membersOf(schema)) visit(each, `${path}.${name}`);
    };
    for (const [type, { versions }] of Object.entries(written.events))
      for (const { schema } of Object.values(versions)) visit(schema, type);
    for (const [name, schema] of Object.entries(written.definitions)) visit(schema, name);
    expect(silent).toEqual([]);
  });
});

describe('an event of the past', () => {
  it.each(fixtures)('is as its schema says, and has nothing that it does not say: $name', ({ event, type, schema }) => {
    expect(faultsIn(event.data, schemaOf(type, schema))).toEqual([]);
    expect(faultsIn(event.data, closed(schemaOf(type, schema)))).toEqual([]);
  });

  it.each(fixtures)('is not as its schema says when a field is lacking: $name', ({ event, type, schema }) => {
    const required = schemaOf(type, schema)['required'];
    for (const name of isList(required) ? required : []) {
      if (typeof name !== 'string') throw new Error('a field has a name');
      const { [name]: taken, ...rest } = event.data;
      expect(taken).toBeDefined();
      expect(faultsIn(rest, schemaOf(type, schema))).not.toEqual([]);
    }
  });
});

describe('a text with a form', () => {
  it.each([
    ...['sha256:' + 'a'.repeat(64), 'sha512:' + 'a'.repeat(128), 'sha256:' + 'A'.repeat(64), 'sha256:a', 'md5:aa', ''],
  ])('is a digest where the registry takes it for one: %s', (text) => {
    expect(faultsIn(text, form('Digest')).length === 0).toBe(isDigest(text));
  });

  it.each([
    ['Timestamp', timestamp(1_781_808_000_000), '2026-06-18T18:59:13Z'],
    ['Timestamp', timestamp(0), '2026-13-18T18:59:13.000Z'],
    ['Position', position(17), '17'],
    ['EventId', '01890a5d-ac9b-7000-8000-000000000014', '01890a5d'],
    ['StreamName', 'repository-01890a5d-ac9b-7000-8000-000000000014', 'Repository'],
    ['StreamName', 'registry', ''],
  ])('is a %s or none', (name, right, wrong) => {
    expect(faultsIn(right, form(name))).toEqual([]);
    expect(faultsIn(wrong, form(name))).not.toEqual([]);
  });

  it('is a sealed one or none', () => {
    const sealed = { subject: 'account:ada', box: 'x'.repeat(38) };
    expect(faultsIn(sealed, form('Sealed'))).toEqual([]);
    expect(faultsIn({ ...sealed, box: 'ada@example.org' }, form('Sealed'))).not.toEqual([]);
    expect(faultsIn({ ...sealed, subject: 'ada' }, form('Sealed'))).not.toEqual([]);
  });
});

describe('the headers of a message', () => {
  const headers = complete('headers', written.headers);
  const examples = Object.values(written.events).flatMap(({ versions }) =>
    Object.values(versions).flatMap((version) => version.examples),
  );

  it('are as their schema says, and there are no others', () => {
    expect(examples).toHaveLength(fixtures.length);
    for (const example of examples) expect(faultsIn(example.headers, closed(headers))).toEqual([]);
  });

  it('all occur in some example', () => {
    const seen = new Set(examples.flatMap((example) => Object.keys(example.headers)));
    const unseen = membersOf(written.headers).filter(([name]) => !seen.has(name));
    // No event came of another one yet.
    expect(unseen.map(([name]) => name)).toEqual(['ce_causationid']);
  });
});

describe('the example of verifying', () => {
  type Message = { readonly value: Buffer; readonly headers: { readonly [name: string]: Buffer } };
  const read = (event: RecordedEvent): Message => {
    const { value, headers } = toMessage(event, 'https://registry.example.com');
    return { value: Buffer.from(value), headers: mapped(headers, (text) => Buffer.from(text)) };
  };

  it.each(fixtures)(
    'finds the hash of each event, and another one of an event that was altered: $name',
    async ({ event }) => {
      const { hashOf } = (await import(`${EXAMPLES}consumer/verify.js`)) as { hashOf: (message: Message) => string };
      expect(hashOf(read(event))).toBe(event.metadata.hash);
      const altered = { ...event, data: { ...event.data, added: 1 } };
      expect(hashOf(read(altered))).not.toBe(event.metadata.hash);
    },
  );
});

const isDescribed = (schema: JsonObject): boolean => {
  const { description, $ref: reference, items, anyOf } = schema;
  if (description !== undefined) return true;
  if (typeof reference === 'string') return isDescribed(member(written.definitions, reference.split('/').at(-1) ?? ''));
  const parts: Json[] = [...(items === undefined ? [] : [items]), ...(isList(anyOf) ? anyOf : [])];
  return parts.some((part) => isJsonObject(part) && isDescribed(part));
};

/** Fields, also those of what is in a list, or one of several. */
function membersOf({ properties, items, anyOf }: JsonObject): [string, JsonObject][] {
  const named = isJsonObject(properties) ? Object.entries(properties) : [];
  const inside: [string, Json | undefined][] = [
    ['[]', items],
    ...(isList(anyOf) ? anyOf : []).map((each, index): [string, Json] => [`|${index}`, each]),
  ];
  return [
    ...named.filter((entry): entry is [string, JsonObject] => isJsonObject(entry[1])),
    ...inside.flatMap(([name, each]) =>
      isJsonObject(each)
        ? membersOf(each).map(([field, schema]): [string, JsonObject] => [`${name}.${field}`, schema])
        : [],
    ),
  ];
}
