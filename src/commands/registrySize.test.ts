import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { World } from '../../test/support/world.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { RegistrySize } from './registrySize.js';

describe('the size of the registry', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.open();
  });
  afterEach(() => world.close());

  const size = (operational: OperationalStore = world.stores.operational): RegistrySize =>
    new RegistrySize({ operational, clock: world.clock });
  const store = (key: string, bytes: number, state = 'live'): Promise<void> =>
    world.stores.operational.write([
      { kind: 'put', collection: 'contents', key, value: { generation: 'g', size: bytes, state } },
    ]);
  /** The store, where something happens before it lists. */
  const listing = (before: () => Promise<void>): OperationalStore => {
    const { operational } = world.stores;
    return {
      get: (...call) => operational.get(...call),
      getMany: (...call) => operational.getMany(...call),
      write: (...call) => operational.write(...call),
      due: (...call) => operational.due(...call),
      list: async (...call) => {
        await before();
        return operational.list(...call);
      },
    };
  };

  it('is not known before somebody asked for it', async () => {
    await size().run();
    expect(await size().status()).toEqual({ sizeBytes: 0, lastRan: null, queued: false, running: false });
  });

  it('is what all contents have together, of which those that are gone or missing have nothing', async () => {
    for (let n = 0; n < 1_001; n++) await store(`sha256:${n}`, 3);
    await store('sha256:condemned', 1_000, 'condemned');
    await store('sha256:altered', 100, 'altered');
    await store('sha256:gone', 5_000, 'gone');
    await store('sha256:missing', 5_000, 'missing');
    expect(await size().queue()).toBe(true);
    expect(await size().status()).toEqual({ sizeBytes: 0, lastRan: null, queued: true, running: false });
    await size().run();
    const lastRan = world.clock.now();
    expect(await size().status()).toEqual({ sizeBytes: 4_103, lastRan, queued: false, running: false });
  });

  it('shows the last result while the next is waited for', async () => {
    await store('sha256:a', 7);
    await size().queue();
    await size().run();
    const lastRan = world.clock.now();
    world.clock.pass(60);
    await store('sha256:b', 1);
    await size().queue();
    expect(await size().status()).toEqual({ sizeBytes: 7, lastRan, queued: true, running: false });
    await size().run();
    expect(await size().status()).toMatchObject({ sizeBytes: 8, lastRan: world.clock.now() });
  });

  it('is asked for once, and tells who runs it', async () => {
    const asked = size();
    let heard = 0;
    asked.onQueued(() => heard++);
    expect(await Promise.all([asked.queue(), asked.queue(), asked.queue()])).toEqual(
      expect.arrayContaining([true, false, false]),
    );
    expect(heard).toBe(1);
  });

  it('is counted by one process at a time, and gives others their turn', async () => {
    for (let n = 0; n < 1_200; n++) await store(`sha256:${n}`, 1);
    await size().queue();
    let turns = 0;
    const seen: unknown[] = [];
    const watched = listing(async () => {
      setImmediate(() => turns++);
      seen.push(await size().status(), await size().queue());
      await size().run();
    });
    await size(watched).run();
    const running = { sizeBytes: 0, lastRan: null, queued: false, running: true };
    expect(seen).toEqual([running, false, running, false, running, false]);
    expect(turns).toBeGreaterThanOrEqual(2);
    expect(await size().status()).toMatchObject({ sizeBytes: 1_200, running: false });
  });

  it('is taken over from a process that died while it counted', async () => {
    await store('sha256:a', 7);
    await size().queue();
    const dying = listing(() => Promise.reject(new Error('the power is gone')));
    await expect(size(dying).run()).rejects.toThrow('the power is gone');
    await size().run();
    expect(await size().status()).toMatchObject({ sizeBytes: 0, running: true });
    world.clock.pass(61);
    expect(await size().status()).toMatchObject({ queued: true, running: false });
    await size().run();
    expect(await size().status()).toMatchObject({ sizeBytes: 7, running: false });
  });

  it('is left to others at once by who must end', async () => {
    for (let n = 0; n < 501; n++) await store(`sha256:${n}`, 3);
    await size().queue();
    const ending = new AbortController();
    let pages = 0;
    const listed = listing(() => {
      pages++;
      ending.abort();
      return Promise.resolve();
    });
    await size(listed).run(ending.signal);
    expect(pages).toBe(1);
    expect(await size().status()).toMatchObject({ queued: true, running: false });
    await size().run();
    expect(await size().status()).toMatchObject({ sizeBytes: 1_503, queued: false });
  });
});
