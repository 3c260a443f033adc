import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { schemaAddress } from '../../src/adapters/bus/kafka/message.js';
import { catalogue as types, schemaVersionOf } from '../../src/domain/catalogue.js';
import type { JsonObject } from '../../src/domain/shared/json.js';
import { faultsIn } from '../catalogue/validator.js';
import { readFixtures } from '../fixtures/fixtures.js';
import { ApiClient } from '../support/apiClient.js';
import { RegistryProcess } from '../support/registry.js';

type Catalogue = {
  readonly on_kafka: boolean;
  readonly asyncapi: string;
  readonly dead_letters: string;
  readonly topics: readonly { readonly topic: string; readonly category: string }[];
  readonly events: readonly {
    readonly type: string;
    readonly topics: readonly string[];
    readonly version: number;
    readonly versions: readonly { readonly version: number; readonly schema: string }[];
  }[];
};

const BASE = '/api/v1/events';

let registry: RegistryProcess;
let anybody: ApiClient;
let catalogue: Catalogue;

beforeAll(async () => {
  // Nobody must sign in for these, whatever else needs it.
  registry = await RegistryProcess.start({ FEATURE_ANONYMOUS_ACCESS: 'false', KAFKA_TOPIC_PREFIX: 'acme' });
  anybody = new ApiClient(registry);
  catalogue = (await anybody.get(`${BASE}/catalogue`)).json<Catalogue>();
});
afterAll(() => registry.stop());

const pathOf = (address: string): string => {
  expect(address.startsWith(`${registry.url}/`)).toBe(true);
  return address.slice(registry.url.length);
};

describe('the catalogue of events', () => {
  it('lists every type, with the topics where it is', () => {
    expect(catalogue.events.map(({ type }) => type).sort()).toEqual(Object.keys(types).sort());
    expect(catalogue).toMatchObject({ on_kafka: false, dead_letters: 'acme.dead-letters' });
    expect(catalogue.topics).toContainEqual(
      expect.objectContaining({ topic: 'acme.repository', category: 'repository' }),
    );
    const restored = catalogue.events.find(({ type }) => type === 'TagRestored');
    expect(restored).toMatchObject({ topics: ['acme.repository'], version: schemaVersionOf('TagRestored') });
    const lapsed = catalogue.events.find(({ type }) => type === 'NameClaimLapsed');
    expect(lapsed?.topics).toEqual(['acme.account', 'acme.namespace', 'acme.repository']);
  });

  it('leads to a schema for every version, by the address that events bear', async () => {
    const events = readFixtures();
    for (const { type, versions } of catalogue.events) {
      for (const { version, schema: address } of versions) {
        expect(address).toBe(schemaAddress(registry.url, type, version));
        const schema = (await anybody.get(pathOf(address))).json<JsonObject>();
        expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', $id: address });
        const written = events.filter((fixture) => fixture.type === type && fixture.schema === version);
        expect(written.length).toBeGreaterThan(0);
        for (const { event } of written) expect(faultsIn(event.data, schema)).toEqual([]);
      }
    }
  });

  it('leads to the AsyncAPI document', async () => {
    const answer = await anybody.get(pathOf(catalogue.asyncapi));
    expect(answer.json()).toMatchObject({
      asyncapi: '3.0.0',
      servers: {},
      channels: { repository: { address: 'acme.repository' } },
    });
  });
});

describe('the schema of an event', () => {
  it('is the newest unless a version is named', async () => {
    const newest = (await anybody.get(`${BASE}/schemas/TagRestored`)).json<JsonObject>();
    expect(newest['$id']).toBe(schemaAddress(registry.url, 'TagRestored', 2));
    expect(newest['required']).toContain('end');
    const first = (await anybody.get(`${BASE}/schemas/TagRestored/1`)).json<JsonObject>();
    expect(first['required']).not.toContain('end');
  });

  it.each(['Nothing', 'toString', 'TagRestored/3', 'TagRestored/0', 'TagRestored/x', 'TagRestored/constructor'])(
    'that nobody knows is not found: %s',
    async (path) => {
      const answer = await anybody.get(`${BASE}/schemas/${path}`);
      expect(answer.both).toMatchObject([404, { error_type: 'not_found' }]);
    },
  );
});

describe.each(['catalogue', 'asyncapi', 'schemas/TagMoved', 'schemas/TagMoved/1'])('%s', (path) => {
  it('is not sent again to whoever has it', async () => {
    const first = await anybody.get(`${BASE}/${path}`);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[^"]+"$/);
    expect(first.headers.get('cache-control')).toBe('public, max-age=300');
    const again = await anybody.get(`${BASE}/${path}`, { 'If-None-Match': etag });
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    const other = await anybody.get(`${BASE}/${path}`, { 'If-None-Match': '"another"' });
    expect([other.status, other.text]).toEqual([200, first.text]);
  });
});
