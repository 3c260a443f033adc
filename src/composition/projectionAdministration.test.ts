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

it('ends for its caller, too, and gives a build the signal with which it ends', async () => {
  const ending = new AbortController();
  const reason = new Error('the caller has gone away');
  const { documents, events } = world.stores;
  const given: (AbortSignal | undefined)[] = [];
  const administration = projectionAdministration({
    ...{ stores: { documents, events }, projector },
    build: (projection, _progressed, signal) => {
      given.push(signal);
      ending.abort(reason);
      return documents.build(laneSpec(projection));
    },
  });
  const ignore = (): void => undefined;
  const before = await documents.lanes();
  await expect(administration.verifyProjections(ignore, ending.signal)).rejects.toBe(reason);
  await expect(administration.rebuild(messages.name, ignore, ending.signal)).rejects.toBe(reason);
  expect(given).toEqual([ending.signal]);
  expect(await documents.lanes()).toEqual(before);
});

it('does not put a build in the place of another one whose caller has gone away', async () => {
  const ending = new AbortController();
  const reason = new Error('the caller has gone away');
  const { documents, events } = world.stores;
  const active = async () => (await documents.lanes()).filter((lane) => lane.active);
  const administration = projectionAdministration({
    ...{ stores: { documents, events }, projector },
    build: async (projection) => {
      const lane = await documents.build(laneSpec(projection));
      ending.abort(reason);
      return lane;
    },
  });
  const before = await active();
  await expect(administration.rebuild(messages.name, () => undefined, ending.signal)).rejects.toBe(reason);
  expect(await active()).toEqual(before);
});

it('a verification that is wanted to its end looks at every document', async () => {
  const touched = new Map<Stage, number>();
  const documents = watched(world.stores.documents, (at) => touched.set(at, (touched.get(at) ?? 0) + 1));
  const verdicts = await administer(documents, () => undefined).verifyProjections(() => undefined);
  expect(verdicts).toContainEqual({ projection: messages.name, documents: DOCUMENTS, differences: [] });
  expect([...touched]).toEqual(STAGES.map((stage) => [stage, DOCUMENTS]));
});
