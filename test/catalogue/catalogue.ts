import { toMessage } from '../../src/adapters/bus/kafka/message.js';
import { schemaVersionOf } from '../../src/domain/catalogue.js';
import type { CataloguedVersion, EventCatalogue, EventExample } from '../../src/http/api/events/catalogue.js';
import { definitionsOf } from '../../src/http/api/events/catalogue.js';
import { readFixtures, type EventFixture } from '../fixtures/fixtures.js';
import { headersSchema } from './headers.js';
import { mapped, member } from './json.js';
import { readSources, type Sources } from './sources.js';
import type { Schema } from './tidy.js';

/** Whose events the examples are. */
const SOURCE = 'https://registry.example.com';

/** The catalogue, made of the types, their comments and the fixtures. The same sources give the same text. */
export function generateCatalogue(
  sources: Sources = readSources(),
  fixtures: readonly EventFixture[] = readFixtures(),
): EventCatalogue {
  const headers = headersSchema(sources);
  const events = mapped(byType(sources), (places, type) => {
    const version = schemaVersionOf(type);
    const present = schemaOf(type, places);
    const versions = Array.from({ length: version }, (_, index): [string, CataloguedVersion] => {
      const schema = index + 1 === version ? present : member(sources.former, `${type}.v${index + 1}`);
      return [String(index + 1), { schema, examples: examplesOf(type, index + 1, fixtures) }];
    });
    return {
      about: aboutOf(present),
      categories: places.map(({ category }) => category),
      version,
      versions: Object.fromEntries(versions),
    };
  });
  const used = definitionsOf({ headers, events }, sources);
  return { categories: mapped(sources.categories, ({ about }) => ({ about })), headers, events, definitions: used };
}

/** Where a type is used: the same name may stand in streams of several categories. */
type Place = { readonly category: string; readonly schema: Schema };

function byType({ categories }: Sources): { readonly [type: string]: readonly Place[] } {
  const places = new Map<string, Place[]>();
  for (const [category, { events }] of Object.entries(categories)) {
    for (const [type, schema] of Object.entries(events)) {
      places.set(type, [...(places.get(type) ?? []), { category, schema }]);
    }
  }
  return Object.fromEntries(places);
}

/** One schema for one name: consumers find it by that alone. */
function schemaOf(type: string, places: readonly Place[]): Schema {
  const [first, ...others] = places.map(({ schema }) => schema);
  if (!first) throw new Error(`${type} is in no stream`);
  if (others.every((other) => JSON.stringify(other) === JSON.stringify(first))) return first;
  throw new Error(`${type} and its comments must be the same wherever it can be: else give one of them another name`);
}

function aboutOf({ description }: Schema): string {
  if (typeof description !== 'string') throw new Error('an event has no doc comment');
  return description;
}

function examplesOf(type: string, version: number, fixtures: readonly EventFixture[]): EventExample[] {
  return fixtures
    .filter((fixture) => fixture.type === type && fixture.schema === version)
    .map(({ event }) => {
      const { headers } = toMessage(event, SOURCE);
      return { headers, data: event.data };
    });
}
