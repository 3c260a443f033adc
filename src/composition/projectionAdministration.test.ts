import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { context, World } from '../../test/support/world.js';
import { MessageCommands } from '../commands/messages.js';
import type { JsonObject } from '../domain/shared/json.js';
import type { Collection, DocumentStore, Lane } from '../ports/documentStore.js';
import { messages } from '../projections/messages.js';
import { laneSpec, type Projector } from '../projections/projector.js';
import { openProjector } from './projecting.js';
import { projectionAdministration, type ProjectionAdministration } from './projectionAdministration.js';

const STAGES = ['comparing', 'counting', 'comparing again'] as const;
type Stage = (typeof STAGES)[number];

const DOCUMENTS = 5;

let world: World;
let projector: Projector;
beforeEach(async () => {
  world = await World.open();
  const commands = new MessageCommands({ streams: world.streams(), ids: world.ids });
  const message = { severity: 'info', mediaType: 'text/plain' } as const;
  for (let number = 0; number < DOCUMENTS; number++) {
    await commands.publish({ content: `message ${number}`, ...message }, context());
  }
  projector = await openProjector(world.stores, (_, error) => {
    throw error;
  });
  projector.start();
  await projector.waitFor(await world.stores.events.end());
});
afterEach(async () => {
  await projector.close();
  await world.close();
});

/** Calls with each document of the messages that the live lane is asked for. */
function watched(documents: DocumentStore, touched: (stage: Stage) => void): DocumentStore {
  let scans = 0;
  const collection = <Document extends JsonObject>(opened: Collection<Document>): Collection<Document> => ({
    get: (key) => {
      touched('comparing again');
      return opened.get(key);
    },
    getMany: (keys) => opened.getMany(keys),
    find: (query) => opened.find(query),
    scan: async function* () {
      const stage = scans++ === 0 ? 'comparing' : 'counting';
      for await (const each of opened.scan()) {
        touched(stage);
        yield each;
      }
    },
  });
  const lane = (opened: Lane): Lane => ({
    checkpoint: () => opened.checkpoint(),
    collection: (name) => collection(opened.collection(name)),
    commit: (writes, checkpoint) => opened.commit(writes, checkpoint),
  });
  return {
    active: async (spec) => {
      const active = await documents.active(spec);
      return spec.projection === messages.name ? lane(active) : active;
    },
    hasActive: (spec) => documents.hasActive(spec),
    build: (spec) => documents.build(spec),
    activate: (spec, build) => documents.activate(spec, build),
    discardBuilds: (projection) => documents.discardBuilds(projection),
    lanes: () => documents.lanes(),
  };
}

/** With builds that are empty: every document seems to differ, until they are fed. */
function administer(documents: DocumentStore, goOn: () => void): ProjectionAdministration {
  const { events } = world.stores;
  const build = (projection: Parameters<typeof laneSpec>[0]) => documents.build(laneSpec(projection));
  return projectionAdministration({ stores: { documents, events }, projector, build, goOn });
}

it.each(STAGES)(
  'a verification that is not wanted any more ends with the document that it is at: %s',
  async (stage) => {
    const ending = new AbortController();
    const reason = new Error('the process ends');
    let touched = 0;
    const documents = watched(world.stores.documents, (at) => {
      if (at !== stage) return;
      touched++;
      ending.abort(reason);
    });
    const administration = administer(documents, () => {
      ending.signal.throwIfAborted();
    });
    await expect(administration.verifyProjections(() => undefined)).rejects.toBe(reason);
    expect(touched).toBe(1);
  },
);

it('a verification that is wanted to its end looks at every document', async () => {
  const touched = new Map<Stage, number>();
  const documents = watched(world.stores.documents, (at) => touched.set(at, (touched.get(at) ?? 0) + 1));
  const verdicts = await administer(documents, () => undefined).verifyProjections(() => undefined);
  expect(verdicts).toContainEqual({ projection: messages.name, documents: DOCUMENTS, differences: [] });
  expect([...touched]).toEqual(STAGES.map((stage) => [stage, DOCUMENTS]));
});
