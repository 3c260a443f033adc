import { isJsonObject, type Json, type JsonObject } from '../../../domain/shared/json.js';
import type { BusSettings } from '../settings.js';
import type { CataloguedEvent, EventCatalogue } from './catalogue.js';
import { DEAD_LETTER_HEADERS } from './deadLetters.js';
import { DEAD_LETTERS, topicName } from './topics.js';

/** The events as they lie on Kafka, for tools: AsyncAPI 3.0. */
export function asyncApiDocument(
  catalogue: EventCatalogue,
  { bus, root, contact }: { readonly bus: BusSettings; readonly root: string; readonly contact: string },
): JsonObject {
  const messages = Object.entries(catalogue.events).flatMap(([type, event]) => messagesOf(type, event));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Events of Tidemark',
      version: '1',
      description:
        'Everything that happens in the registry, as CloudEvents 1.0 on Kafka in binary mode: the key is the stream, the value the data of the event, the headers are all the rest. Each comes at least once, and those of one stream in order.',
      contact: { url: root, email: contact },
    },
    defaultContentType: 'application/json',
    servers: serversOf(bus),
    channels: { ...channelsOf(catalogue, bus), [DEAD_LETTERS]: deadLetterChannel(bus) },
    operations: Object.fromEntries(
      [...Object.keys(catalogue.categories), DEAD_LETTERS].map((channel) => [
        channel,
        { action: 'send', channel: { $ref: `#/channels/${channel}` } },
      ]),
    ),
    components: {
      messages: { ...Object.fromEntries(messages), [DEAD_LETTER]: deadLetterMessage },
      schemas: {
        ...schemasOf(catalogue),
        headers: portable(catalogue.headers),
        deadLetterHeaders: DEAD_LETTER_HEADERS,
      },
      ...(bus.kafka?.mechanism ? { securitySchemes: { sasl: { type: MECHANISMS[bus.kafka.mechanism] } } } : {}),
    },
  };
}

const MECHANISMS = { plain: 'plain', 'scram-sha-256': 'scramSha256', 'scram-sha-512': 'scramSha512' } as const;

/** Addresses of brokers are not told to everybody. */
function serversOf({ kafka }: BusSettings): JsonObject {
  if (!kafka) return {};
  return {
    kafka: {
      host: '{broker}',
      protocol: kafka.secure ? 'kafka-secure' : 'kafka',
      variables: { broker: { description: 'A broker, as `host:port`: who runs the registry names it.' } },
      ...(kafka.mechanism ? { security: [{ $ref: '#/components/securitySchemes/sasl' }] } : {}),
    },
  };
}

const channelsOf = ({ categories, events }: EventCatalogue, bus: BusSettings): JsonObject =>
  Object.fromEntries(
    Object.entries(categories).map(([category, { about }]) => {
      const held = Object.entries(events).filter(([, event]) => event.categories.includes(category));
      const messages = held.flatMap(([type, { versions }]) =>
        Object.keys(versions).map((version) => reference(messageName(type, version))),
      );
      return [category, channel(category, about, bus, { partitions: bus.partitions, messages })];
    }),
  );

const channel = (
  category: string,
  description: string,
  bus: BusSettings,
  { partitions, messages }: { readonly partitions: number; readonly messages: readonly [string, JsonObject][] },
): JsonObject => ({
  address: topicName(bus, category),
  description,
  messages: Object.fromEntries(messages),
  // Of a topic that the registry makes.
  bindings: { kafka: { topic: topicName(bus, category), partitions, bindingVersion: BINDING } },
});

const BINDING = '0.5.0';
/** AsyncAPI's own schema does not like references here. */
const KEY = { type: 'string', description: 'The stream of the event, `ce_subject`.' };
const reference = (name: string): [string, JsonObject] => [name, { $ref: `#/components/messages/${name}` }];
const messageName = (type: string, version: string): string => `${type}.v${version}`;

function messagesOf(type: string, { about, versions }: CataloguedEvent): [string, JsonObject][] {
  return Object.entries(versions).map(([version, { examples }]) => {
    const name = messageName(type, version);
    const own = { ce_type: { const: type }, ce_schemaversion: { const: version } };
    const message: JsonObject = {
      ...{ name, title: type, summary: about, contentType: 'application/json' },
      headers: { allOf: [{ $ref: '#/components/schemas/headers' }, { type: 'object', properties: own }] },
      payload: { $ref: `#/components/schemas/${name}` },
      bindings: { kafka: { key: KEY, bindingVersion: BINDING } },
      examples: examples.map(({ headers, data }) => ({ headers, payload: data })),
    };
    return [name, message];
  });
}

function schemasOf({ definitions, events }: EventCatalogue): JsonObject {
  const named = Object.entries(definitions).map(([name, schema]): [string, JsonObject] => [name, portable(schema)]);
  const data = Object.entries(events).flatMap(([type, { versions }]) =>
    Object.entries(versions).map(([version, { schema }]): [string, JsonObject] => [
      messageName(type, version),
      portable(schema),
    ]),
  );
  return Object.fromEntries([...named, ...data]);
}

/** As AsyncAPI's own schemas are, draft 7: what stands beside a `$ref` would be passed over. */
function portable(schema: JsonObject): JsonObject {
  const { $ref, ...rest } = schema;
  const inside = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, portableValue(value)]));
  if (typeof $ref !== 'string') return inside;
  const target = { $ref: $ref.replace('#/$defs/', '#/components/schemas/') };
  return Object.keys(rest).length === 0 ? target : { ...inside, allOf: [target] };
}

function portableValue(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((each: Json) => (isJsonObject(each) ? portable(each) : each));
  return isJsonObject(value) ? portable(value) : value;
}

const DEAD_LETTER = 'deadLetter';

const deadLetterChannel = (bus: BusSettings): JsonObject =>
  channel(
    DEAD_LETTERS,
    'What a group of consumers of the registry gave up: each message as it was, and why. Nothing comes after it; consumers of your own have dead letters of their own.',
    bus,
    { partitions: 1, messages: [reference(DEAD_LETTER)] },
  );

const deadLetterMessage: JsonObject = {
  ...{ name: DEAD_LETTER, title: 'Dead letter', summary: 'A message that could not be handled, or that is no event.' },
  headers: { $ref: '#/components/schemas/deadLetterHeaders' },
  payload: { description: 'The value of the message, whatever it is.' },
  bindings: { kafka: { key: { description: 'The key of the message.' }, bindingVersion: BINDING } },
};
