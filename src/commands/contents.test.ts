import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hash } from 'node:crypto';
import { World } from '../../test/support/world.js';
import { digestOf, type Digest } from '../domain/shared/digest.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import type { ContentKey } from '../ports/blobStore.js';
import { VersionConflict } from '../ports/errors.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { Contents, type ContentRecord, type HoldRecord } from './contents.js';

const HERE = 'here' as RepositoryId;
const ELSEWHERE = 'elsewhere' as RepositoryId;
const HOLD_SECONDS = 3_600;

const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const digestOfText = (text: string): Digest => digestOf('sha256', hash('sha256', text));
const [SMALL, OTHER] = [digestOfText('small'), digestOfText('other')];
const LARGE_TEXT = 'large'.repeat(20_000);
const LARGE = digestOfText(LARGE_TEXT);

describe('contents', () => {
  let world: World;
  let contents: Contents;
  beforeEach(async () => {
    world = await World.open();
    contents = process();
  });
  afterEach(() => world.close());

  /** The contents of one process more. */
  const process = (oneWriter = true, operational: OperationalStore = world.stores.operational): Contents => {
    const { clock, ids } = world;
    return new Contents({ blobs: world.stores.blobs, operational, clock, ids, holdSeconds: HOLD_SECONDS, oneWriter });
  };
  const recordOf = (digest: Digest) => world.stores.operational.get<ContentRecord>('contents', digest);
  const stored = async (): Promise<ContentKey[]> => {
    const keys: ContentKey[] = [];
    for await (const { digest, generation } of world.stores.blobs.list()) keys.push({ digest, generation });
    return keys;
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
      ['small', SMALL, 'small'],
      ['large', LARGE, LARGE_TEXT],
    ])('can be read: %s', async (_size, digest, text) => {
      await contents.storeBytes(digest, bytesOf(text));
      expect(await contents.locate(digest)).toMatchObject({ digest, size: text.length });
      expect(await readAll(digest)).toBe(text);
      expect(await contents.present([SMALL, LARGE])).toEqual(new Set([digest]));
    });

    it('are stored once', async () => {
      for (let times = 0; times < 3; times++) await contents.storeBytes(SMALL, bytesOf('small'));
      await process(oneWriter).storeBytes(SMALL, bytesOf('small'));
      expect((await stored()).length).toBe(1);
      expect((await recordOf(SMALL))?.version).toBe(1);
    });

    it.each([
      ['small', SMALL, 'small'],
      ['large', LARGE, LARGE_TEXT],
    ])('are stored once, however many store them at the same time: %s', async (_size, digest, text) => {
      const other = process(oneWriter);
      await Promise.all(
        Array.from({ length: 10 }, (_each, number) =>
          (number % 2 === 0 ? contents : other).storeBytes(digest, bytesOf(text)),
        ),
      );
      expect(await stored()).toEqual([{ digest, generation: (await recordOf(digest))?.value.generation }]);
      expect(await readAll(digest)).toBe(text);
    });

    it('bring what belongs to them along, also when they were there already', async () => {
      await contents.storeBytes(SMALL, bytesOf('small'), [contents.holding(HERE, SMALL)]);
      await contents.storeBytes(SMALL, bytesOf('small'), [contents.holding(ELSEWHERE, SMALL)]);
      expect(await contents.heldUntil(HERE, SMALL)).toBeDefined();
      expect(await contents.heldUntil(ELSEWHERE, SMALL)).toBeDefined();
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
            await others.storeBytes(SMALL, bytesOf('small'));
          }
          return operational.write(writes);
        },
      });
      await slow.storeBytes(SMALL, bytesOf('small'), [slow.holding(HERE, SMALL)]);
      expect(await contents.heldUntil(HERE, SMALL)).toBeDefined();
      expect((await stored()).length).toBe(1);
      expect(await readAll(SMALL)).toBe('small');
    });
  });

  describe('that a collector wants', () => {
    beforeEach(() => contents.storeBytes(SMALL, bytesOf('small')));

    it('are taken back by who is about to name them', async () => {
      await setState(SMALL, 'condemned');
      expect(await contents.present([SMALL])).toEqual(new Set([SMALL]));
      expect((await recordOf(SMALL))?.value.state).toBe('live');
    });

    it('are taken back by who stores them again', async () => {
      const before = await recordOf(SMALL);
      await setState(SMALL, 'condemned');
      await contents.storeBytes(SMALL, bytesOf('small'));
      expect((await recordOf(SMALL))?.value).toEqual({ ...before?.value, state: 'live' });
      expect((await stored()).length).toBe(1);
    });

    it('can still be read until they are gone', async () => {
      await setState(SMALL, 'condemned');
      expect(await readAll(SMALL)).toBe('small');
    });

    it('keep a collector from going on when they were taken back', async () => {
      await setState(SMALL, 'condemned');
      const condemned = await recordOf(SMALL);
      await contents.present([SMALL]);
      const gone = { kind: 'put', collection: 'contents', key: SMALL, value: {} } as const;
      const collecting = world.stores.operational.write([{ ...gone, expected: condemned?.version ?? 0 }]);
      await expect(collecting).rejects.toThrow(VersionConflict);
    });
  });

  describe('that are gone', () => {
    beforeEach(async () => {
      await contents.storeBytes(SMALL, bytesOf('small'));
      await setState(SMALL, 'gone');
    });

    it('are not there', async () => {
      expect(await contents.locate(SMALL)).toBeUndefined();
      expect(await contents.present([SMALL, OTHER])).toEqual(new Set());
    });

    it('are stored anew, as another generation', async () => {
      const before = (await recordOf(SMALL))?.value.generation;
      await contents.storeBytes(SMALL, bytesOf('small'));
      const after = (await recordOf(SMALL))?.value;
      expect(after).toMatchObject({ state: 'live', size: 5 });
      expect(after?.generation).not.toBe(before);
      expect(await readAll(SMALL)).toBe('small');
    });
  });

  describe('that a repository holds', () => {
    it('may be read there, until the hold ends', async () => {
      await contents.hold(HERE, SMALL);
      expect(await contents.heldUntil(HERE, SMALL)).toBe('2026-06-18T19:59:13.000Z');
      expect(await contents.heldUntil(ELSEWHERE, SMALL)).toBeUndefined();
      world.clock.pass(HOLD_SECONDS - 1);
      expect(await contents.heldUntil(HERE, SMALL)).toBeDefined();
      world.clock.pass(1);
      expect(await contents.heldUntil(HERE, SMALL)).toBeUndefined();
    });

    it('may be read no more when it lets them go', async () => {
      await contents.hold(HERE, SMALL);
      await contents.release(HERE, SMALL);
      expect(await contents.heldUntil(HERE, SMALL)).toBeUndefined();
    });

    it('are told to a push, and held on for it', async () => {
      await contents.hold(HERE, SMALL);
      world.clock.pass(HOLD_SECONDS - 10);
      expect(await contents.holdForPush(HERE, [OTHER, SMALL])).toEqual(new Set([SMALL]));
      expect(await contents.heldUntil(HERE, SMALL)).toBe('2026-06-18T20:59:03.000Z');
    });

    it('by a push alone give no right to read them', async () => {
      expect(await contents.holdForPush(HERE, [SMALL])).toEqual(new Set());
      expect(await contents.heldUntil(HERE, SMALL)).toBeUndefined();
      const hold = await world.stores.operational.get<HoldRecord>('holds', `${HERE}/${SMALL}`);
      expect(hold?.value).toEqual({ until: '2026-06-18T19:59:13.000Z', readable: false });
      expect(await contents.holdForPush(HERE, [SMALL])).toEqual(new Set());
    });

    it('no more give no right to read them, though a push holds them again', async () => {
      await contents.hold(HERE, SMALL);
      world.clock.pass(HOLD_SECONDS);
      expect(await contents.holdForPush(HERE, [SMALL])).toEqual(new Set());
      expect(await contents.heldUntil(HERE, SMALL)).toBeUndefined();
    });

    it('freshly are not written again by a push', async () => {
      await contents.hold(HERE, SMALL);
      await contents.holdForPush(HERE, [SMALL]);
      expect((await world.stores.operational.get('holds', `${HERE}/${SMALL}`))?.version).toBe(1);
    });
  });
});
