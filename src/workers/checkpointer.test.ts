import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { context, happen, processOn } from '../../test/support/checkpointing.js';
import { overriding } from '../../test/support/overriding.js';
import { logPathOf, openEmbeddedStores, type EmbeddedEngines } from '../adapters/sqlite/embedded.js';
import { temporaryFolder } from '../adapters/sqlite/temporaryFolder.js';
import { readLog } from '../commands/readLog.js';
import { verifyLog } from '../commands/verifyLog.js';
import type { Checkpoint } from '../domain/registry/checkpoint.js';
import { SigningKeyUnknown } from '../domain/registry/registry.js';
import { START, type Position } from '../domain/shared/ids.js';
import { StoreUnavailable } from '../ports/errors.js';
import { CHECKPOINT_PLACES, CheckpointNotInLog } from './checkpointPlace.js';

describe('the checkpointer', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let engines: EmbeddedEngines;

  beforeEach(async () => {
    folder = temporaryFolder();
    engines = await openEmbeddedStores({ folder: folder.path });
  });
  afterEach(async () => {
    await engines.close();
    folder.remove();
  });

  const verify = () => verifyLog(readLog(engines.events));
  const reopen = async () => {
    await engines.close();
    engines = await openEmbeddedStores({ folder: folder.path });
  };
  /** Changes the log file behind the store's back. */
  const tamper = async (sql: string) => {
    await engines.close();
    const log = new Database(logPathOf(folder.path));
    log.exec(sql);
    log.close();
    engines = await openEmbeddedStores({ folder: folder.path });
  };

  it('announces the key of a new log, and signs all that has happened', async () => {
    const { streams, checkpointer } = processOn(engines);
    await checkpointer.start();
    await happen(streams, 5);
    expect(await checkpointer.checkpoint()).toMatchObject({ number: 1, size: 6, previous: null });
    expect(await verify()).toMatchObject({ ok: true, events: 7, checkpoints: 1, coveredUpTo: 6 });
    await checkpointer.close();
  });

  it('signs only if something other than a checkpoint has happened', async () => {
    const { streams, checkpointer } = processOn(engines);
    await happen(streams, 600);
    expect(await checkpointer.checkpoint()).toMatchObject({ number: 1, size: 601 });
    expect(await checkpointer.checkpoint()).toBeUndefined();
    expect(await checkpointer.checkpoint()).toBeUndefined();
    await happen(streams, 1);
    expect(await checkpointer.checkpoint()).toMatchObject({ number: 2, size: 603 });
    expect(await verify()).toMatchObject({ ok: true, events: 604, checkpoints: 2, coveredUpTo: 603 });
  });

  it('counts no further and signs nothing when it is to leave that to others', async () => {
    let pages = 0;
    let abandoned: Promise<void> | undefined;
    const events = overriding(engines.events, {
      readAll: (...call) => {
        pages++;
        abandoned = checkpointer.abandon();
        return engines.events.readAll(...call);
      },
    });
    const { streams, checkpointer, failures } = processOn(engines, {}, events);
    await happen(streams, 20);
    await expect(checkpointer.checkpoint()).rejects.toThrow('aborted');
    await abandoned;
    expect(pages).toBe(1);
    expect(await verify()).toMatchObject({ ok: true, checkpoints: 0 });
    expect(failures).toEqual([]);
  });

  it.each(['abandon', 'close'] as const)('counts no log anew when it is to end: %s', async (end) => {
    const before = processOn(engines);
    await happen(before.streams, 300);
    await before.checkpointer.close();
    await engines.operational.write([{ kind: 'delete', collection: CHECKPOINT_PLACES, key: 'last' }]);
    let pages = 0;
    let ended: Promise<void> | undefined;
    const events = overriding(engines.events, {
      readAll: (...call) => {
        pages++;
        ended ??= checkpointer[end]();
        return engines.events.readAll(...call);
      },
    });
    const { streams, checkpointer, failures } = processOn(engines, {}, events);
    await happen(streams, 1);
    await expect(checkpointer.checkpoint()).rejects.toThrow('aborted');
    await ended;
    expect(pages).toBe(1);
    expect(failures).toEqual([]);
    // Whoever comes next does it.
    expect(await processOn(engines).checkpointer.checkpoint()).toMatchObject({ number: 2, size: 303 });
  });

  it('signs by itself, every so often and at a clean stop', async () => {
    let tell: (made: Checkpoint) => void;
    const first = new Promise<Checkpoint>((resolve) => {
      tell = resolve;
    });
    const made = (checkpoint: Checkpoint) => {
      tell(checkpoint);
    };
    const often = processOn(engines, { intervalSeconds: 0.005, made });
    await often.checkpointer.start();
    expect(await first).toMatchObject({ number: 1 });
    await happen(often.streams, 3);
    await often.checkpointer.close();
    expect(await verify()).toMatchObject({ ok: true, uncovered: 1 });
    expect(often.failures).toEqual([]);
  });

  it('signs a log that grows meanwhile', async () => {
    const { streams, checkpointer } = processOn(engines);
    const growing = Promise.all(Array.from({ length: 8 }, () => happen(streams, 40)));
    for (let number = 0; number < 20; number++) await checkpointer.checkpoint();
    await growing;
    await checkpointer.close();
    expect(await verify()).toMatchObject({ ok: true, uncovered: 1 });
  });

  it('goes on where it was after a restart, without reading what it has covered', async () => {
    const before = processOn(engines);
    await happen(before.streams, 10);
    await before.checkpointer.close();
    await reopen();
    const read: Position[] = [];
    const watched = overriding(engines.events, {
      readAll: (after, limit) => {
        read.push(after);
        return engines.events.readAll(after, limit);
      },
    });
    const { streams, checkpointer } = processOn(engines, {}, watched);
    await happen(streams, 3);
    expect(await checkpointer.checkpoint()).toMatchObject({ number: 2, size: 15 });
    expect(read).not.toContain(START);
    expect(await verify()).toMatchObject({ ok: true, checkpoints: 2, coveredUpTo: 15 });
  });

  it.each([
    ['lost', `DELETE FROM records WHERE collection = 'checkpointer'`],
    [
      'older than the log',
      `UPDATE records SET value = json_set(value, '$.number', 7) WHERE collection = 'checkpointer'`,
    ],
    [
      'another engine’s',
      `UPDATE records SET value = json_set(value, '$.after', '${'0'.repeat(19)}4') WHERE collection = 'checkpointer'`,
    ],
  ])('counts anew if the place that it wrote down is %s', async (_, sql) => {
    const before = processOn(engines);
    await happen(before.streams, 10);
    await before.checkpointer.close();
    await tamper(sql);
    const { streams, checkpointer } = processOn(engines);
    await happen(streams, 3);
    expect(await checkpointer.checkpoint()).toMatchObject({ number: 2, size: 15 });
    expect(await verify()).toMatchObject({ ok: true, checkpoints: 2, coveredUpTo: 15 });
  });

  it('signs nothing over a log that is not the one that it signed before', async () => {
    const before = processOn(engines);
    await happen(before.streams, 10);
    await before.checkpointer.close();
    await tamper(`DELETE FROM events WHERE position = 3; DELETE FROM records WHERE collection = 'checkpointer'`);
    const { streams, checkpointer } = processOn(engines);
    await happen(streams, 1);
    await expect(checkpointer.checkpoint()).rejects.toThrow(CheckpointNotInLog);
    expect(await verify()).toMatchObject({ ok: false, problem: { kind: 'removed', among: { first: 1, last: 11 } } });
  });

  it('shares a log with others', async () => {
    const [one, other] = [processOn(engines), processOn(engines)];
    await happen(one.streams, 4);
    await Promise.all([one.checkpointer.checkpoint(), other.checkpointer.checkpoint()]);
    for (const { streams, checkpointer } of [one, other, other, one]) {
      await happen(streams, 2);
      // Whoever was overtaken learns of it by having nothing to do.
      expect((await checkpointer.checkpoint()) ?? (await checkpointer.checkpoint())).toBeDefined();
    }
    expect(await verify()).toMatchObject({ ok: true, checkpoints: 5, uncovered: 1 });
  });

  it('begins anew after a failure', async () => {
    let away = true;
    const failing = overriding(engines.events, {
      append: (...call) => (away ? Promise.reject(new StoreUnavailable('away')) : engines.events.append(...call)),
    });
    await happen(processOn(engines).streams, 3);
    const { checkpointer } = processOn(engines, {}, failing);
    await expect(checkpointer.checkpoint()).rejects.toThrow(StoreUnavailable);
    away = false;
    expect(await checkpointer.checkpoint()).toMatchObject({ number: 1, size: 4 });
    expect(await verify()).toMatchObject({ ok: true });
  });

  it('signs with a new key as soon as there is one', async () => {
    const { streams, signingKeys, checkpointer } = processOn(engines);
    await happen(streams, 2);
    await checkpointer.checkpoint();
    const first = await signingKeys.present(context);
    const second = await signingKeys.rotate(context);
    const checkpoint = await checkpointer.checkpoint();
    expect(checkpoint).toMatchObject({ number: 2, keyId: second.keyId });
    expect((await signingKeys.present(context)).keyId).toBe(second.keyId);
    for (const { publicKey: trustedKey } of [first, second]) {
      expect(await verifyLog(readLog(engines.events), { trustedKey })).toMatchObject({ ok: true, coveredUpTo: 5 });
    }
  });

  it('does not start with the keys of another log', async () => {
    const own = processOn(engines);
    await happen(own.streams, 1);
    await own.checkpointer.checkpoint();
    const other = await openEmbeddedStores({ folder: join(folder.path, 'other') });
    const stranger = processOn({ ...engines, keys: other.keys });
    await expect(stranger.checkpointer.start()).rejects.toThrow(SigningKeyUnknown);
    await other.close();
    expect(await verify()).toMatchObject({ ok: true, checkpoints: 1, uncovered: 1 });
  });
});
