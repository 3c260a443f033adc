import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { happen, processOn } from '../../test/support/checkpointing.js';
import { overriding } from '../../test/support/overriding.js';
import { logPathOf, openEmbeddedStores, type EmbeddedEngines } from '../adapters/sqlite/embedded.js';
import { temporaryFolder } from '../adapters/sqlite/temporaryFolder.js';
import { readLog } from '../commands/readLog.js';
import { verifyLog } from '../commands/verifyLog.js';
import type { Position } from '../domain/shared/ids.js';
import type { EventStore } from '../ports/eventStore.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { CheckpointNotInLog } from './checkpointPlace.js';

describe('after a process died between signing and writing down where that ended', () => {
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
  /** Begins anew, after something was changed in the log's file behind the store's back. */
  const reopen = async (sql = '') => {
    await engines.close();
    const log = new Database(logPathOf(folder.path));
    log.exec(sql);
    log.close();
    engines = await openEmbeddedStores({ folder: folder.path });
  };
  /** All positions after which a process reads, on a log that was signed twice: the second place was not written down. */
  const readBy = (): { readonly read: Position[]; readonly watched: EventStore } => {
    const read: Position[] = [];
    const watched = overriding(engines.events, {
      readAll: (after, limit) => {
        read.push(after);
        return engines.events.readAll(after, limit);
      },
    });
    return { read, watched };
  };
  const dying = (): OperationalStore => ({
    get: (...call) => engines.operational.get(...call),
    getMany: (...call) => engines.operational.getMany(...call),
    list: (...call) => engines.operational.list(...call),
    due: (...call) => engines.operational.due(...call),
    write: () => Promise.reject(new Error('died')),
  });
  /** Where the first checkpoint ended: nobody needs to read what is before. */
  let first: Position;

  beforeEach(async () => {
    const { streams, checkpointer } = processOn(engines);
    await happen(streams, 40);
    await checkpointer.checkpoint();
    first = await engines.events.end();
    await happen(streams, 5);
    const mortal = processOn(engines, { operational: dying() });
    await expect(mortal.checkpointer.checkpoint()).rejects.toThrow('died');
    expect(await verify()).toMatchObject({ ok: true, checkpoints: 2 });
    await reopen();
  });

  it('another one counts on from the place before', async () => {
    const { read, watched } = readBy();
    const { streams, checkpointer } = processOn(engines, {}, watched);
    await happen(streams, 3);
    expect(await checkpointer.checkpoint()).toMatchObject({ number: 3, size: 51 });
    expect(read.every((after) => Number(after) >= Number(first) - 2)).toBe(true);
    expect(await verify()).toMatchObject({ ok: true, checkpoints: 3, coveredUpTo: 51 });
  });

  it('what was counted is not counted again, though nothing was signed', async () => {
    expect(await processOn(engines).checkpointer.checkpoint()).toBeUndefined();
    const { read, watched } = readBy();
    await happen(processOn(engines).streams, 1);
    expect(await processOn(engines, {}, watched).checkpointer.checkpoint()).toMatchObject({ number: 3, size: 49 });
    expect(read.every((after) => after > first)).toBe(true);
  });

  it.each([
    ['of another engine', `'$.after', '${'0'.repeat(19)}4'`],
    ['of more events than there are', `'$.size', 45`],
    ['of another size', `'$.size', 39`],
  ])('the log is counted anew where the place before is one %s', async (_, change) => {
    await reopen(`UPDATE records SET value = json_set(value, ${change}) WHERE collection = 'checkpointer'`);
    const { streams, checkpointer } = processOn(engines);
    await happen(streams, 1);
    expect(await checkpointer.checkpoint()).toMatchObject({ number: 3, size: 49 });
    expect(await verify()).toMatchObject({ ok: true, checkpoints: 3, coveredUpTo: 49 });
  });

  it('nothing is signed over a log that is not the one that was signed', async () => {
    await reopen(`DELETE FROM events WHERE position = 43`);
    const { checkpointer } = processOn(engines);
    await expect(checkpointer.checkpoint()).rejects.toThrow(CheckpointNotInLog);
  });
});
