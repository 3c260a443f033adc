import { createHash } from 'node:crypto';
import Type, { type Static } from 'typebox';
import type { JsonObject } from '../../../domain/shared/json.js';
import { namesEtag } from '../../v2/ifNoneMatch.js';
import { answer, endpoint, type Answered, type Endpoint } from '../framework/endpoint.js';
import { NotFound } from '../framework/problems.js';
import { always } from '../framework/rules.js';
import type { ApiSettings } from '../settings.js';
import { asyncApiDocument } from './asyncapi.js';
import { catalogue, schemaDocument } from './catalogue.js';
import { DEAD_LETTERS, topicName } from './topics.js';

const Document = Type.Object({}, { additionalProperties: true });
const Catalogue = Type.Object({
  /** Whether there are topics: the registry tells nobody of its events while it runs without Kafka. */
  on_kafka: Type.Boolean(),
  asyncapi: Type.String(),
  dead_letters: Type.String(),
  topics: Type.Array(Type.Object({ topic: Type.String(), category: Type.String(), description: Type.String() })),
  events: Type.Array(
    Type.Object({
      type: Type.String(),
      description: Type.String(),
      topics: Type.Array(Type.String()),
      version: Type.Integer(),
      versions: Type.Array(Type.Object({ version: Type.Integer(), schema: Type.String() })),
    }),
  ),
});

type Settings = Pick<ApiSettings, 'root' | 'contact' | 'bus'>;

/** What events there are and what they hold, for those who read them from Kafka (docs/events.md). */
export function eventEndpoints({ settings }: { readonly settings: Settings }): readonly Endpoint[] {
  const list = kept(() => catalogueOf(settings));
  const asyncApi = kept(() => asyncApiDocument(catalogue, settings));
  const schemas = new Map(
    Object.entries(catalogue.events).flatMap(([type, { versions }]) =>
      Object.entries(versions).map(([version, { schema }]) => {
        const id = schemaAddress(settings, type, version);
        return [
          `${type}/${version}`,
          kept(() => schemaDocument({ id, title: `${type}, version ${version}`, schema }, catalogue)),
        ];
      }),
    ),
  );
  const schemaOf = (type: string, version: string | undefined): Kept<JsonObject> => {
    const found = version !== undefined && schemas.get(`${type}/${version}`);
    if (!found) throw new NotFound();
    return found;
  };
  const shared = { method: 'GET', module: 'events', access: always } as const;
  return [
    endpoint({
      ...shared,
      operation: 'getEventCatalogue',
      path: '/api/v1/events/catalogue',
      summary: 'List the types of events, their versions, and the topics where they are.',
      answers: { 200: Catalogue, 304: null },
      handle: ({ header }) => Promise.resolve(list(header('if-none-match'))),
    }),
    endpoint({
      ...shared,
      operation: 'getEventSchema',
      path: '/api/v1/events/schemas/{type}',
      summary: 'Get the JSON Schema of an event’s data, in the version in which it is written now.',
      answers: { 200: Document, 304: null },
      handle: ({ path, header }) => {
        const version = Object.hasOwn(catalogue.events, path.type) ? catalogue.events[path.type]?.version : undefined;
        return Promise.resolve(schemaOf(path.type, version?.toString())(header('if-none-match')));
      },
    }),
    endpoint({
      ...shared,
      operation: 'getEventSchemaVersion',
      path: '/api/v1/events/schemas/{type}/{version}',
      summary: 'Get the JSON Schema of an event’s data in a version, as the event’s dataschema names it.',
      answers: { 200: Document, 304: null },
      handle: ({ path, header }) => Promise.resolve(schemaOf(path.type, path.version)(header('if-none-match'))),
    }),
    endpoint({
      ...shared,
      operation: 'getEventsAsyncApi',
      path: '/api/v1/events/asyncapi',
      summary: 'Describe the events on Kafka in AsyncAPI 3.0.',
      answers: { 200: Document, 304: null },
      handle: ({ header }) => Promise.resolve(asyncApi(header('if-none-match'))),
    }),
  ];
}

/** A document that changes with the program and its configuration only, for whoever may have it already. */
type Kept<Body> = (ifNoneMatch: string | undefined) => Answered<200, Body> | Answered<304, null>;

/** Made when somebody asks for it. Clients ask again after a while, since a later release may say more. */
function kept<Body>(make: () => Body): Kept<Body> {
  let body: Body | undefined;
  let etag = '';
  return (ifNoneMatch) => {
    if (body === undefined) {
      body = make();
      etag = `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url')}"`;
    }
    const headers = { ETag: etag, 'Cache-Control': 'public, max-age=300' };
    return namesEtag(ifNoneMatch, etag) ? answer(304, null, headers) : answer(200, body, headers);
  };
}

const schemaAddress = ({ root }: Pick<Settings, 'root'>, type: string, version: string): string =>
  `${root}/api/v1/events/schemas/${type}/${version}`;

function catalogueOf(settings: Settings): Static<typeof Catalogue> {
  const { bus, root } = settings;
  return {
    on_kafka: bus.kafka !== null,
    asyncapi: `${root}/api/v1/events/asyncapi`,
    dead_letters: topicName(bus, DEAD_LETTERS),
    topics: Object.entries(catalogue.categories).map(([category, { about }]) => ({
      ...{ topic: topicName(bus, category), category, description: about },
    })),
    events: Object.entries(catalogue.events).map(([type, { about, categories, version, versions }]) => ({
      ...{ type, description: about, version },
      topics: categories.map((category) => topicName(bus, category)),
      versions: Object.keys(versions).map((each) => ({
        version: Number(each),
        schema: schemaAddress(settings, type, each),
      })),
    })),
  };
}
