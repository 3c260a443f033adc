import type { CataloguedEvent, EventCatalogue } from '../../src/http/api/events/catalogue.js';
import { mapped } from './json.js';
import { differences, type Difference } from './compareSchemas.js';

/** What a release promised those who read events. */
export type Promised = Pick<EventCatalogue, 'headers' | 'definitions'> & {
  readonly events: {
    readonly [type: string]: Pick<CataloguedEvent, 'categories' | 'version'> & {
      readonly versions: { readonly [version: string]: Pick<CataloguedEvent['versions'][string], 'schema'> };
    };
  };
};

export const promiseOf = ({ headers, definitions, events }: EventCatalogue): Promised => ({
  headers,
  events: mapped(events, ({ categories, version, versions }) => ({
    categories,
    version,
    versions: mapped(versions, ({ schema }) => ({ schema })),
  })),
  definitions,
});

/** What a consumer that relies on a promise would stumble over, in sentences: which event, where, what to do. */
export function brokenPromises(promised: Promised, present: Promised): readonly string[] {
  const headers = differences(
    { schema: promised.headers, definitions: promised.definitions },
    { schema: present.headers, definitions: present.definitions },
    'headers',
  );
  const events = Object.keys(promised.events).flatMap((type) => brokenOf(type, promised, present));
  return [
    ...headers.map((each) => `${told(each)}. Headers have no versions: undo it, or send another one beside it.`),
    ...events,
  ];
}

const told = ({ path, problem }: Difference): string => `${path} ${problem}`;

function brokenOf(type: string, promised: Promised, present: Promised): readonly string[] {
  const [before, now] = [promised.events[type], present.events[type]];
  if (!before) return [];
  if (!now) return [`${type} is not there any more. Bring it back: a type that was ever written stays.`];
  const moved = before.categories.filter((category) => !now.categories.includes(category));
  return [
    ...moved.map(
      (category) =>
        `${type} is not in streams of ${category} any more, so it leaves their topic. Leave it in their map of events.`,
    ),
    ...(now.version < before.version ? [`${type} went back to version ${now.version} from ${before.version}.`] : []),
    ...Object.entries(before.versions).flatMap(([version, { schema }]) => {
      const successor = now.versions[version];
      if (!successor)
        return [
          `${type} has no version ${version} any more. Give it back, as \`${type}.v${version}\` of FormerEvents.`,
        ];
      return differences(
        { schema, definitions: promised.definitions },
        { schema: successor.schema, definitions: present.definitions },
        'data',
      ).map((each) => `${type}, version ${version}: ${told(each)}. ${remedy(type, Number(version), now.version)}`);
    }),
  ];
}

/** What a version holds is settled; another one may hold something else. */
const remedy = (type: string, version: number, present: number): string =>
  version < present
    ? `Leave \`${type}.v${version}\` of FormerEvents as it was.`
    : `Undo it, or raise the schema version: a step in src/domain/catalogue.ts, and the old data as \`${type}.v${version}\` of FormerEvents.`;
