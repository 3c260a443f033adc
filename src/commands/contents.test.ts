import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { hash } from 'node:crypto';
import { rethrown, TestClock, World } from '../../test/support/world.js';
import { digestOf, type Digest } from '../domain/shared/digest.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import type { Generation } from '../ports/blobStore.js';
import { VersionConflict } from '../ports/errors.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { Contents, type ContentRecord, type HoldRecord } from './contents.js';

const HERE = 'here' as RepositoryId;
const ELSEWHERE = 'elsewhere' as RepositoryId;
const HOLD_SECONDS = 3_600;

const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const digestOfText = (text: string): Digest => digestOf('sha256', hash('sha256', text));

describe('contents', () => {
  let world: World;
  let clock: TestClock;
  let contents: Contents;
  /** Other bytes in each test, because the stores remember. */
  let [text, largeText] = ['', ''];
  let [small, other, large] = ['' as Digest, '' as Digest, '' as Digest];
  let tests = 0;

  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());
  beforeEach(() => {
    clock = new TestClock();
    text = `small ${++tests}`;
    largeText = `large ${tests} `.repeat(10_000);
    [small, large, other] = [digestOfText(text), digestOfText(largeText), digestOfText(`other ${tests}`)];
    contents = process();
  });

  /** The contents of one process more. */
  const process = (oneWriter = true, operational: OperationalStore = world.stores.operational): Contents => {
    const { ids } = world;
    return new Contents({
      blobs: world.stores.blobs,
      operational,
      clock,
      ids,
      notRemoved: rethrown,
      holdSeconds: HOLD_SECONDS,
      oneWriter,
    });
  };
  const recordOf = (digest: Digest) => world.stores.operational.get<ContentRecord>('contents', digest);
  const generationsOf = async (digest: Digest): Promise<Generation[]> => {
    const generations: Generation[] = [];
    for await (const content of world.stores.blobs.list()) {
      if (content.digest === digest) generations.push(content.generation);
    }
    return generations;
  };
  const readAll = async (digest: Digest): Promise<string> => {
    const content = await contents.locate(digest);
    if (!content) throw new Error(`${digest} is not there`);
    return Buffer.from(await world.stores.blobs.read(content)).toString();
  };
  /** What a collector does: one step from state to state. */
  const setState = async (digest: Digest, state: ContentRecord['state']): Promise<void> => {
    const record = await recordOf(digest);
    if (!record) throw new Error(`${digest} has no record`);
    const value = { ...record.value, state };
    const write = { kind: 'put', collection: 'contents', key: digest, value, expected: record.version } as const;
    await world.stores.operational.write([write]);
    if (state === 'gone') await world.stores.blobs.delete({ digest, generation: record.value.generation });
  };

  describe.each([
    ['through one writer', true],
    ['in stores of their own', false],
  ])('that are stored %s', (_stores, oneWriter) => {
    beforeEach(() => {
      contents = process(oneWriter);
    });

    it.each([
      ['small', () => text],
      ['large', () => largeText],
    ])('can be read: %s', async (_size, textOf) => {
      const digest = digestOfText(textOf());
      await contents.storeBytes(digest, bytesOf(textOf()));
      expect(await contents.locate(digest)).toMatchObject({ digest, size: textOf().length });
      expect(await readAll(digest)).toBe(textOf());
      expect([...(await contents.present([small, large])).keys()]).toEqual([digest]);
    });

    it('are stored once', async () => {
      for (let times = 0; times < 3; times++) await contents.storeBytes(small, bytesOf(text));
      await process(oneWriter).storeBytes(small, bytesOf(text));
      expect((await generationsOf(small)).length).toBe(1);
      expect((await recordOf(small))?.version).toBe(1);
    });

    it.each([
      ['small', () => text],
      ['large', () => largeText],
    ])('are stored once, however many store them at the same time: %s', async (_size, textOf) => {
      const digest = digestOfText(textOf());
      const two = process(oneWriter);
      await Promise.all(
        Array.from({ length: 10 }, (_each, number) =>
          (number % 2 === 0 ? contents : two).storeBytes(digest, bytesOf(textOf())),
        ),
      );
      expect(await generationsOf(digest)).toEqual([(await recordOf(digest))?.value.generation]);
      expect(await readAll(digest)).toBe(textOf());
    });

    it('bring what belongs to them along, also when they were there already', async () => {
      await contents.storeBytes(small, bytesOf(text), [contents.holding(HERE, small)]);
      await contents.storeBytes(small, bytesOf(text), [contents.holding(ELSEWHERE, small)]);
      expect(await contents.heldUntil(HERE, small)).toBeDefined();
      expect(await contents.heldUntil(ELSEWHERE, small)).toBeDefined();
    });

    it('bring what belongs to them along, also for who was overtaken', async () => {
      const others = process(oneWriter);
      let overtaken = false;
      const { operational } = world.stores;
      const slow = process(oneWriter, {
        get: (...call) => operational.get(...call),
        getMany: (...call) => operational.getMany(...call),
        list: (...call) => operational.list(...call),
        due: (...call) => operational.due(...call),
        write: async (writes) => {
          if (!overtaken) {
            overtaken = true;
            await others.storeBytes(small, bytesOf(text));
          }
          return operational.write(writes);
        },
      });
      await slow.storeBytes(small, bytesOf(text), [slow.holding(HERE, small)]);
      expect(await contents.heldUntil(HERE, small)).toBeDefined();
      expect((await generationsOf(small)).length).toBe(1);
      expect(await readAll(small)).toBe(text);
    });
  });

  it('that were submitted to one writer are not waited for, and are durable with what was submitted next', async () => {
    const { operational, log } = world.stores;
    let groups = 0;
    log.writer.afterGroup(() => groups++);
    const { durable } = await contents.submitBytes(small, bytesOf(text));
    const behind = operational.write([{ kind: 'put', collection: 'test', key: text, value: {} }]);
    expect(await recordOf(small)).toBeUndefined();
    await Promise.all([durable, behind]);
    expect(groups).toBe(1);
    expect(await readAll(small)).toBe(text);
  });

  it('that came through here a moment ago are read from memory, by whoever has found them', async () => {
    const apart = process(false);
    await apart.storeBytes(small, bytesOf(text));
    await apart.storeBytes(large, bytesOf(largeText));
    for (const [digest, there] of [
      [small, true],
      [large, false],
    ] as const) {
      const content = await apart.locate(digest);
      if (!content) throw new Error(`${digest} is not there`);
      await world.stores.blobs.delete(content);
      const reading = apart.read(content).then((bytes) => Buffer.from(bytes).toString());
      if (there) expect(await reading).toBe(text);
      else await expect(reading).rejects.toThrow();
    }
  });

  describe('that a collector wants', () => {
    beforeEach(() => contents.storeBytes(small, bytesOf(text)));

    it('are taken back by who is about to name them', async () => {
      await setState(small, 'condemned');
      expect([...(await contents.present([small])).keys()]).toEqual([small]);
      expect((await recordOf(small))?.value.state).toBe('live');
    });

    it('are taken back by who stores them again', async () => {
      const before = await recordOf(small);
      await setState(small, 'condemned');
      await contents.storeBytes(small, bytesOf(text));
      expect((await recordOf(small))?.value).toEqual({ ...before?.value, state: 'live' });
      expect((await generationsOf(small)).length).toBe(1);
    });

    it('can still be read until they are gone', async () => {
      await setState(small, 'condemned');
      expect(await readAll(small)).toBe(text);
    });

    it('keep a collector from going on when they were taken back', async () => {
      await setState(small, 'condemned');
      const condemned = await recordOf(small);
      await contents.present([small]);
      const gone = { kind: 'put', collection: 'contents', key: small, value: {} } as const;
      const collecting = world.stores.operational.write([{ ...gone, expected: condemned?.version ?? 0 }]);
      await expect(collecting).rejects.toThrow(VersionConflict);
    });
  });

  describe('that are gone', () => {
    beforeEach(async () => {
      await contents.storeBytes(small, bytesOf(text));
      await setState(small, 'gone');
    });

    it('are not there', async () => {
      expect(await contents.locate(small)).toBeUndefined();
      expect([...(await contents.present([small, other])).keys()]).toEqual([]);
    });

    it('are stored anew, as another generation', async () => {
      const before = (await recordOf(small))?.value.generation;
      await contents.storeBytes(small, bytesOf(text));
      const after = (await recordOf(small))?.value;
      expect(after).toMatchObject({ state: 'live', size: text.length });
      expect(after?.generation).not.toBe(before);
      expect(await readAll(small)).toBe(text);
    });
  });

  describe('that a repository holds', () => {
    it('may be read there, until the hold ends', async () => {
      await contents.hold(HERE, small);
      expect(await contents.heldUntil(HERE, small)).toBe('2026-06-18T19:59:13.000Z');
      expect(await contents.heldUntil(ELSEWHERE, small)).toBeUndefined();
      clock.pass(HOLD_SECONDS - 1);
      expect(await contents.heldUntil(HERE, small)).toBeDefined();
      clock.pass(1);
      expect(await contents.heldUntil(HERE, small)).toBeUndefined();
    });

    it('may be read no more when it lets them go', async () => {
      await contents.hold(HERE, small);
      await contents.release(HERE, small);
      expect(await contents.heldUntil(HERE, small)).toBeUndefined();
    });

    it('are told to a push, and held on for it', async () => {
      await contents.hold(HERE, small);
      clock.pass(HOLD_SECONDS - 10);
      expect(await contents.holdForPush(HERE, [other, small])).toEqual(new Set([small]));
      expect(await contents.heldUntil(HERE, small)).toBe('2026-06-18T20:59:03.000Z');
    });

    it('by a push alone give no right to read them', async () => {
      expect(await contents.holdForPush(HERE, [small])).toEqual(new Set());
      expect(await contents.heldUntil(HERE, small)).toBeUndefined();
      const hold = await world.stores.operational.get<HoldRecord>('holds', `${HERE}/${small}`);
      expect(hold?.value).toEqual({ until: '2026-06-18T19:59:13.000Z', readable: false });
      expect(await contents.holdForPush(HERE, [small])).toEqual(new Set());
    });

    it('no more give no right to read them, though a push holds them again', async () => {
      await contents.hold(HERE, small);
      clock.pass(HOLD_SECONDS);
      expect(await contents.holdForPush(HERE, [small])).toEqual(new Set());
      expect(await contents.heldUntil(HERE, small)).toBeUndefined();
    });

    it('freshly are not written again by a push', async () => {
      await contents.hold(HERE, small);
      await contents.holdForPush(HERE, [small]);
      expect((await world.stores.operational.get('holds', `${HERE}/${small}`))?.version).toBe(1);
    });
  });
});
