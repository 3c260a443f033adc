import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { migrate, verifyMigration, type MigrationOptions } from '../../src/commands/migration/migrate.js';
import { ContentsDamaged, MigrationRefused } from '../../src/commands/migration/refusals.js';
import type { Side } from '../../src/commands/migration/side.js';
import { RegistrySize } from '../../src/commands/registrySize.js';
import { PLACES } from '../../src/composition/movedPlaces.js';
import { parseDigest, type Digest } from '../../src/domain/shared/digest.js';
import { timestamp } from '../../src/domain/shared/time.js';
import type { ContentKey, Generation } from '../../src/ports/blobStore.js';
import type { KeptKey } from '../../src/ports/keyStore.js';
import { Jobs } from '../../src/workers/jobs.js';
import { LiveRegistry } from '../fidelity/liveRegistry.js';
import { liveDocuments, rebuiltDocuments } from '../fidelity/rebuilt.js';
import { moment, people } from '../fidelity/workload.js';
import { overriding } from '../support/overriding.js';
import { digestOf } from '../support/v2client.js';
import { World } from '../support/world.js';
import { checkpointerOn, furnish, generation, happen, store } from './furnished.js';
import { holdingsOf } from './holdings.js';
import { Killed, MortalSide, sideOf } from './sides.js';

const options: MigrationOptions = {
  leaveDamaged: false,
  places: { collections: PLACES, marks: [] },
  watch: () => undefined,
};

describe('an installation', () => {
  let source: World;
  let target: World;
  beforeEach(async () => {
    [source, target] = [await World.open(), await World.open()];
  });
  afterEach(async () => {
    await source.close();
    await target.close();
  });

  const sides = (): [Side, Side] => [sideOf(source.stores), sideOf(target.stores)];
  const moved = (changes: Partial<MigrationOptions> = {}) => migrate(...sides(), { ...options, ...changes });
  const expectCopied = async (): Promise<void> => {
    expect(await holdingsOf(sideOf(target.stores))).toEqual(await holdingsOf(sideOf(source.stores)));
    await verifyMigration(...sides(), options);
  };

  it('is the same after it was moved, and goes on as one', async () => {
    await furnish(source);
    expect(await moved()).toMatchObject({ events: 40, copiedEvents: 40, checkpoints: 2, contents: 3, damaged: [] });
    await expectCopied();
    // Keys and the places of checkpoints are right: the next one is signed by the same key, and covers what it should.
    await happen(target, 1);
    expect(await checkpointerOn(target).checkpoint()).toMatchObject({ number: 3 });
  });

  it('is moved again, with what has come since, by copying only that', async () => {
    await furnish(source);
    await moved();
    await happen(source, 5);
    await store(source.stores, randomBytes(200_000));
    await source.stores.operational.write([
      { kind: 'delete', collection: 'holds', key: 'r/d' },
      { kind: 'put', collection: 'holds', key: 'r/e', value: { until: timestamp(9), readable: true } },
    ]);
    await source.stores.keys.destroy('account:kept');
    expect(await moved()).toMatchObject({ copiedEvents: 7, copiedBytes: 200_000 });
    await expectCopied();
    expect(await moved()).toMatchObject({ copiedEvents: 0, copiedBytes: 0 });
  });

  it('still has to do what it had to do before it was moved', async () => {
    const jobs = ({ clock, stores: { operational } }: World): Jobs => new Jobs({ operational, clock });
    const size = ({ clock, stores: { operational } }: World) => new RegistrySize({ operational, clock });
    const job = { kind: 'sample', event: 'one', data: { n: 1 } };
    await furnish(source);
    await jobs(source).add(job);
    await size(source).queue();
    await moved();
    expect((await jobs(target).find(job))?.value).toMatchObject({ state: 'waiting', data: { n: 1 } });
    expect(await size(target).status()).toMatchObject({ queued: true });
  });

  it('is moved there and back again, with what has come there', async () => {
    await furnish(source);
    await moved();
    await happen(target, 9);
    await checkpointerOn(target).checkpoint();
    await expect(moved()).rejects.toThrow('the target has been written to since it was copied');
    await migrate(sideOf(target.stores), sideOf(source.stores), options);
    await expectCopied();
  });

  it('erases in the copy what it has erased, though it was there before', async () => {
    await furnish(source);
    await target.stores.keys.ensure('account:erased');
    await moved();
    expect(await target.stores.keys.get('account:erased')).toBe('destroyed');
  });

  it('may be empty', async () => {
    expect(await moved()).toMatchObject({ events: 0, contents: 0 });
    await expectCopied();
  });

  it('loses its unfinished uploads, and who goes on with one is told', async () => {
    const owner = { repositoryId: 'r', subject: 'user:ada' };
    const value = { state: 'open', owner, offset: 5, digest: null, algorithm: 'sha256', step: 'x' };
    await source.stores.operational.write([{ kind: 'put', collection: 'uploads', key: 'u', value, due: timestamp(9) }]);
    await moved();
    expect(await target.stores.operational.get('uploads', 'u')).toMatchObject({
      value: { state: 'ended', owner, offset: 0, step: null },
      due: timestamp(9),
    });
  });

  describe('is refused', () => {
    it('where the target has other events, or other keys, and nothing is written', async () => {
      await furnish(source);
      await happen(target, 1);
      const before = await holdingsOf(sideOf(target.stores));
      const refused = moved();
      await expect(refused).rejects.toThrow(MigrationRefused);
      await expect(refused).rejects.toThrow('the target is no copy of the source: its event number 1 is NameClaimed');
      expect(await holdingsOf(sideOf(target.stores))).toEqual(before);
    });

    it('where the target has another key for the same subject', async () => {
      await furnish(source);
      await target.stores.keys.ensure('account:kept');
      await expect(moved()).rejects.toThrow(/keeps another key for account:kept already\. Begin with an empty one$/);
      expect(await target.log()).toEqual([]);
    });

    it('when its own log is not whole', async () => {
      await furnish(source);
      const { events } = source.stores;
      const forged = sideOf(source.stores, {
        events: overriding(events, {
          readAll: async (...call) => {
            const page = await events.readAll(...call);
            return page.map((event) => (event.revision === 1 ? { ...event, data: { owner: 'somebody else' } } : event));
          },
        }),
      });
      await expect(migrate(forged, sideOf(target.stores), options)).rejects.toThrow(
        /^the log of the source is not whole: .* is not what its hash was made of$/,
      );
    });

    it('when somebody writes to it meanwhile', async () => {
      await furnish(source);
      const { keys } = source.stores;
      async function* late(): AsyncGenerator<KeptKey, void, undefined> {
        await happen(source, 1);
        yield* keys.entries();
      }
      const busy = sideOf(source.stores, { keys: { entries: late, take: (entries) => keys.take(entries) } });
      await expect(migrate(busy, sideOf(target.stores), options)).rejects.toThrow(
        'the source was written to while it was copied',
      );
    });
  });

  const markIn = async ({ stores }: World, { digest, generation }: ContentKey, state: 'missing' | 'altered') => {
    const value = { generation, size: 72, state };
    await stores.operational.write([{ kind: 'put', collection: 'contents', key: digest, value }]);
  };

  it('keeps what it has of a content that was damaged in the source since', async () => {
    const key = await store(source.stores, randomBytes(72));
    await moved();
    await source.stores.blobs.delete(key);
    await markIn(source, key, 'missing');
    expect(await moved()).toMatchObject({ damaged: [], copiedBytes: 0 });
    expect(await target.stores.operational.get('contents', key.digest)).toMatchObject({ value: { state: 'live' } });
    await verifyMigration(...sides(), options);
  });

  it('is brought again what was found altered in it', async () => {
    const bytes = randomBytes(72);
    const key = await store(source.stores, bytes);
    await moved();
    await target.stores.blobs.put(key, randomBytes(72));
    await markIn(target, key, 'altered');
    expect(await moved()).toMatchObject({ damaged: [], copiedBytes: 72 });
    expect(bytes.equals(await target.stores.blobs.read(key))).toBe(true);
    await verifyMigration(...sides(), options);
  });

  describe('with a content whose bytes are not those of its digest', () => {
    let rotten: readonly Digest[];
    beforeEach(async () => {
      await furnish(source);
      const { blobs } = source.stores;
      const keys = [await store(source.stores, randomBytes(70)), await store(source.stores, randomBytes(400_000))];
      const lost = await store(source.stores, randomBytes(71));
      await blobs.delete(lost);
      for (const key of keys) {
        const bytes = Buffer.from(await blobs.read(key));
        bytes[50] = (bytes[50] ?? 0) ^ 1;
        await blobs.delete(key);
        await store(source.stores, bytes);
        const wrong = { digest: parseDigest(digestOf(bytes)), generation: generation() };
        await blobs.put(key, bytes);
        await source.stores.operational.write([{ kind: 'delete', collection: 'contents', key: wrong.digest }]);
      }
      rotten = [...keys, lost].map(({ digest }) => digest);
    });

    it('is not moved: each of them is named', async () => {
      const refused = await moved().catch((error: unknown) => error);
      if (!(refused instanceof ContentsDamaged)) throw refused;
      expect(new Set(refused.damaged)).toEqual(
        new Set([
          { digest: rotten[0], reason: 'altered' },
          { digest: rotten[1], reason: 'altered' },
          { digest: rotten[2], reason: 'missing' },
        ]),
      );
      for (const digest of rotten) expect(refused.message).toContain(digest);
      expect(await target.log()).toEqual([]);
    });

    it('is moved without them if that is asked for; they can be stored anew', async () => {
      const report = await moved({ leaveDamaged: true });
      expect(report.damaged).toHaveLength(3);
      for (const digest of rotten) {
        expect(await target.stores.operational.get('contents', digest)).toMatchObject({ value: { state: 'gone' } });
      }
      await expect(verifyMigration(...sides(), options)).rejects.toThrow(ContentsDamaged);
      await verifyMigration(...sides(), { ...options, leaveDamaged: true });
    });

    it('is moved nevertheless where it is only marked, and whole', async () => {
      const known = await store(source.stores, randomBytes(72));
      await markIn(source, known, 'missing');
      const { damaged } = await moved({ leaveDamaged: true });
      expect(damaged.map(({ digest }) => digest)).not.toContain(known.digest);
      expect(await target.stores.operational.get('contents', known.digest)).toMatchObject({ value: { state: 'live' } });
      await verifyMigration(...sides(), { ...options, leaveDamaged: true });
    });

    it('is found when it came into the copy later', async () => {
      await moved({ leaveDamaged: true });
      const [key] = (await target.stores.operational.list('contents', { limit: 100 })).flatMap(({ key, value }) =>
        value['size'] === 100 ? [{ digest: parseDigest(key), generation: value['generation'] as Generation }] : [],
      );
      if (!key) throw new Error('a content of that size was stored');
      await target.stores.blobs.put(key, randomBytes(100));
      await expect(verifyMigration(...sides(), options)).rejects.toThrow(`${key.digest} (altered)`);
    });
  });

  it.each([
    ['alone', 1],
    ['side by side', 256],
  ])('is moved whole though the process ends at any of its writes, appending %s', async (_, appendsAtOnce) => {
    await furnish(source);
    let ends = 0;
    for (const afterwards of [false, true]) {
      for (let write = 0; ; write++) {
        const side = new MortalSide(sideOf(target.stores, { appendsAtOnce }), { write, afterwards });
        const ended = await migrate(sideOf(source.stores), side.mortal, options).then(
          () => 'done',
          (error: unknown) => error,
        );
        if (ended === 'done') break;
        if (!(ended instanceof Killed)) throw ended;
        ends++;
        // Either goes on at once, or another process does.
        if (write % 2 === 0) await target.restart();
        else {
          await moved();
          await expectCopied();
          await target.close();
          target = await World.open();
        }
      }
      await expectCopied();
      await target.close();
      target = await World.open();
    }
    expect(ends).toBeGreaterThan(40);
  });
});

describe('a registry in which much has happened', () => {
  it.each([1, 2, 3])('shows the same after it was moved (seed %i)', async (seed) => {
    const registry = await LiveRegistry.open();
    const target = await World.open();
    try {
      for (const person of people) await registry.do({ kind: 'register', person });
      for (const person of people) await registry.do({ kind: 'create', place: { person, name: 'app' } });
      for (const { happening, seconds } of fc.sample(moment, { numRuns: 400, seed })) {
        await registry.do(happening);
        registry.clock.pass(seconds);
      }
      await registry.do({ kind: 'delete account', person: 'eve' });
      await registry.settle();
      const source = sideOf(registry.stores);
      await migrate(source, sideOf(target.stores), options);
      await verifyMigration(source, sideOf(target.stores), options);
      expect(await holdingsOf(sideOf(target.stores))).toEqual(await holdingsOf(source));
      const documents = await rebuiltDocuments({ ...registry.stores, ...target.stores }, await target.log(), {
        size: () => 500,
      });
      expect(documents).toEqual(await liveDocuments(registry.stores));
    } finally {
      await registry.close();
      await target.close();
    }
  });
});
