import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readLog } from '../../src/commands/readLog.js';
import type { RecordedEvent } from '../../src/domain/shared/envelope.js';
import { plusSeconds } from '../../src/domain/shared/time.js';
import { expectPeople, RepositoryAgreement } from './agreement.js';
import { LiveRegistry } from './liveRegistry.js';
import { liveDocuments, rebuiltDocuments } from './rebuilt.js';
import { expectRegistry } from './registrySteps.js';
import { moment, people, type Happening, type Moment } from './workload.js';

const RUNS = 4;
const MOMENTS = 300;

const beginning: readonly Happening[] = [
  ...people.map((person): Happening => ({ kind: 'register', person })),
  ...people.map((person): Happening => ({ kind: 'create', place: { person, name: 'app' } })),
];

/** Where something happened, what is shown is right at once. */
async function expectShown(registry: LiveRegistry, happening: Happening): Promise<void> {
  const id = 'place' in happening ? registry.repositoryAt(happening.place) : undefined;
  if (id !== undefined) await (await RepositoryAgreement.of(id, registry)).expectPresent(registry.clock.now());
}

async function expectAgreement(registry: LiveRegistry): Promise<void> {
  await registry.settle();
  const now = registry.clock.now();
  for (const id of registry.everCreated) {
    const repository = await RepositoryAgreement.of(id, registry);
    for (const seconds of [0, 30, 3_600]) await repository.expectPresent(plusSeconds(now, seconds));
  }
  await expectPeople(registry);
  await expectRegistry(registry.core);
}

async function expectHistory(registry: LiveRegistry): Promise<void> {
  for (const id of registry.everCreated) {
    await (await RepositoryAgreement.of(id, registry)).expectPast(registry.clock.now());
  }
}

async function expectRebuilt(registry: LiveRegistry): Promise<void> {
  const { stores } = registry;
  const log: RecordedEvent[] = [];
  for await (const event of readLog(stores.events)) log.push(event);
  const live = await liveDocuments(stores);
  expect(await rebuiltDocuments(stores, log, { size: () => 2_000 })).toEqual(live);
  expect(await rebuiltDocuments(stores, log, { size: () => 1 })).toEqual(live);
  expect(await rebuiltDocuments(stores, log, { size: (batch) => 1 + ((batch * 7) % 13) })).toEqual(live);
  expect(await rebuiltDocuments(stores, log, { size: (batch) => 1 + ((batch * 5) % 11), twice: true })).toEqual(live);
}

async function live(moments: readonly Moment[]): Promise<void> {
  const registry = await LiveRegistry.open();
  try {
    for (const each of beginning) await registry.do(each);
    for (const [index, { happening, seconds }] of moments.entries()) {
      await registry.do(happening);
      registry.clock.pass(seconds);
      await expectShown(registry, happening);
      if (index === MOMENTS / 2) await registry.restart();
    }
    await expectAgreement(registry);
    await expectHistory(registry);
    await expectRebuilt(registry);
  } finally {
    await registry.close();
  }
}

describe('whatever happens in a registry', () => {
  it('is shown by its read models as its events tell it, now, in the past and after a rebuild', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(moment, { minLength: MOMENTS, maxLength: MOMENTS }), live),
      // Making a counterexample smaller would take hours; its seed and path are printed.
      { seed: 20_260_618, numRuns: RUNS, endOnFailure: true },
    );
  }, 120_000);
});
