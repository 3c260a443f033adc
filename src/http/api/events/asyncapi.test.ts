import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { isJsonObject, type JsonObject } from '../../../domain/shared/json.js';
import type { BusSettings } from '../settings.js';
import { asyncApiDocument } from './asyncapi.js';
import { catalogue } from './catalogue.js';

/** AsyncAPI's own schema of its documents. */
const specification = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0.json') as JsonObject;

const documentOf = (bus: Partial<BusSettings> = {}): JsonObject =>
  asyncApiDocument(catalogue, {
    bus: { topicPrefix: 'acme', partitions: 12, kafka: { secure: true, mechanism: 'scram-sha-512' }, ...bus },
    root: 'https://registry.example.com',
    contact: 'support@example.com',
  });
const document = documentOf();

/** Follows members; what a `$ref` leads to is found the same way. */
const at = (from: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((value, name) => (isJsonObject(value) ? value[name] : undefined), from);
const target = (reference: string): unknown => at(document, ...reference.replace('#/', '').split('/'));

function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) =>
    name === '$ref' && typeof each === 'string' ? [each] : references(each),
  );
}

/** What is wrong with a value, by a schema of the document. */
function faultsIn(value: unknown, schema: unknown): unknown {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictTypes: false });
  addFormats.default(ajv);
  if (!isJsonObject(schema)) throw new Error('no schema');
  // References are to the document, so the schema is put into what they find it in.
  const validate = ajv.addVocabulary(['components']).compile({ allOf: [schema], components: document['components'] });
  return validate(value) ? null : validate.errors;
}

type Message = {
  readonly headers: JsonObject;
  readonly payload: JsonObject;
  readonly examples: readonly { readonly headers: JsonObject; readonly payload: JsonObject }[];
};
const messages = Object.entries(at(document, 'components', 'messages') as { [name: string]: Message }).filter(
  ([name]) => name !== 'deadLetter',
);

describe('the AsyncAPI document', () => {
  it.each<[string, Partial<BusSettings>]>([
    ['with TLS and a password', {}],
    ['with neither', { kafka: { secure: false, mechanism: null } }],
    ['without Kafka', { kafka: null }],
  ])('is as AsyncAPI 3.0 wants it: %s', (_, bus) => {
    // It brings the schema of schemas itself.
    const ajv = new Ajv({ strict: false, meta: false, validateSchema: false });
    addFormats.default(ajv);
    const validate = ajv.compile(specification);
    validate(documentOf(bus));
    expect(validate.errors).toBeNull();
  });

  it('refers to nothing that it does not have', () => {
    const all = new Set(references(document));
    expect(all.size).toBeGreaterThan(100);
    expect([...all].filter((reference) => !isJsonObject(target(reference)))).toEqual([]);
  });

  it('has a topic for each category of stream, and one for what was given up', () => {
    const channels = at(document, 'channels') as { [name: string]: JsonObject };
    expect(Object.fromEntries(Object.entries(channels).map(([name, { address }]) => [name, address]))).toEqual({
      account: 'acme.account',
      namespace: 'acme.namespace',
      name: 'acme.name',
      organization: 'acme.organization',
      repository: 'acme.repository',
      registry: 'acme.registry',
      activity: 'acme.activity',
      'dead-letters': 'acme.dead-letters',
    });
    expect(at(channels, 'repository', 'messages', 'TagRestored.v1')).toEqual({
      $ref: '#/components/messages/TagRestored.v1',
    });
    expect(at(channels, 'account', 'messages', 'TagMoved.v1')).toBeUndefined();
  });

  it('has every message in some channel', () => {
    const held = references(at(document, 'channels'));
    const names = messages.map(([name]) => `#/components/messages/${name}`);
    expect(names.filter((name) => !held.includes(name))).toEqual([]);
  });

  it('tells how to sign in, and no address of a broker', () => {
    expect(at(document, 'servers', 'kafka')).toMatchObject({ host: '{broker}', protocol: 'kafka-secure' });
    expect(at(document, 'components', 'securitySchemes', 'sasl')).toEqual({ type: 'scramSha512' });
    expect(at(documentOf({ kafka: null }), 'servers')).toEqual({});
  });

  it.each(messages)('has examples that are as it says: %s', (_, { headers, payload, examples }) => {
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      expect(faultsIn(example.payload, payload)).toBeNull();
      expect(faultsIn(example.headers, headers)).toBeNull();
      expect(faultsIn({ ...example.headers, ce_type: 'SomethingElse' }, headers)).not.toBeNull();
    }
  });

  it('loses no comment of a field that has a named type', () => {
    expect(at(document, 'components', 'schemas', 'TagMoved.v1', 'properties', 'digest')).toEqual({
      description: 'Where it points now.',
      allOf: [{ $ref: '#/components/schemas/Digest' }],
    });
  });
});
