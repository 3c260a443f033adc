import type { RecordedEvent } from '../../domain/shared/envelope.js';
import type { Verification } from '../../domain/registry/verification/logVerifier.js';
import { readLog } from '../readLog.js';
import { copyContents, verifyContents, type CopiedContents } from './contents.js';
import { copyEvents } from './copyEvents.js';
import { copyKeys, verifyKeys } from './keys.js';
import { provenLog, sideBySide } from './logs.js';
import { Places, type PlaceNames } from './places.js';
import { copyRecords, compareRecords } from './records.js';
import { ContentsDamaged, MigrationRefused, type DamagedContent } from './refusals.js';
import type { Phase, Side, Watch } from './side.js';

export type MigrationOptions = {
  /** Contents that are damaged in the source do not keep the rest from being moved. */
  readonly leaveDamaged: boolean;
  readonly places: PlaceNames;
  readonly watch: Watch;
};

export type MigrationReport = {
  readonly events: number;
  /** Of them, those that were not there before. */
  readonly copiedEvents: number;
  readonly streams: number;
  readonly checkpoints: number;
  /** How many events a signed checkpoint covers in the target, too. */
  readonly coveredUpTo: number;
  readonly keys: number;
  readonly records: number;
  readonly contents: number;
  readonly bytes: number;
  readonly copiedBytes: number;
  readonly damaged: readonly DamagedContent[];
};

/** How often a phase of many small things tells how far it is. */
const TELL_EVERY = 500;

/**
 * Copies an installation into another one, whatever engines they are on: keys, contents, operational records and then the
 * events, in the order of the log. It needs no notes of its own: what is in the target already is found there, so it goes
 * on where it was broken off, and takes what is new in a source that was served since.
 *
 * Read models and snapshots are not copied; the target builds them.
 *
 * @throws MigrationRefused, ContentsDamaged
 */
export async function migrate(source: Side, target: Side, options: MigrationOptions): Promise<MigrationReport> {
  const { watch, leaveDamaged } = options;
  const end = await source.events.end();
  const log = provenLog(source.events, 'the source');
  const there = await compare(log.events, target, watch);
  // Whatever an event needs to be understood is durable before it.
  const keys = await copyKeys(source.keys, target.keys, (done) => {
    watch('keys', done, undefined);
  });
  const contents = await copyContents(source, target, (done, total) => {
    watch('contents', done, total);
  });
  if (!leaveDamaged) refuseDamaged(contents);
  const records = await copyRecords(source.operational, target.operational, (done) => {
    watch('records', done, undefined);
  });
  const copiedEvents = await append(log.events, source, target, there, watch);
  const places = await Places.in(source.operational, options.places);
  const verification = await verifyLogs(source, target, places, watch);
  await verifyKeys(source.keys, target.keys);
  // What an event that came late needs may not be there.
  if ((await source.events.end()) !== end) throw notAlone();
  await places.write(target.operational);
  return { ...countsOf(verification), copiedEvents, keys, records, ...contents };
}

/**
 * Proves that the target holds all of the source: both logs event for event, their hashes, chains and checkpoints, keys,
 * records, and the bytes of every content. Changes nothing.
 *
 * @throws MigrationRefused, ContentsDamaged
 */
export async function verifyMigration(
  source: Side,
  target: Side,
  { watch, leaveDamaged }: Pick<MigrationOptions, 'watch' | 'leaveDamaged'>,
): Promise<MigrationReport> {
  const places = await Places.in(source.operational, { collections: [], marks: [] });
  const verification = await verifyLogs(source, target, places, watch);
  const keys = await verifyKeys(source.keys, target.keys);
  const { records, differing } = await compareRecords(source.operational, target.operational);
  if (differing > 0) {
    throw new MigrationRefused(`${differing} operational records are not in the target as they should be`);
  }
  const contents = await verifyContents(source, target, true, (done, total) => {
    watch('contents', done, total);
  });
  if (!leaveDamaged) refuseDamaged(contents);
  return { ...countsOf(verification), copiedEvents: 0, keys, records, ...contents, copiedBytes: 0 };
}

const countsOf = ({ events, streams, checkpoints, coveredUpTo }: Verification) => ({
  ...{ events, streams, checkpoints, coveredUpTo },
});

function refuseDamaged({ damaged }: Pick<CopiedContents, 'damaged'>): void {
  if (damaged.length > 0) throw new ContentsDamaged(damaged);
}

/** Takes from the source's log what the target has already. @returns how many events that are */
async function compare(log: AsyncIterator<RecordedEvent>, target: Side, watch: Watch): Promise<number> {
  const tell = await counter('comparing', target, watch);
  const twins = sideBySide(log, readLog(target.events));
  let count = 0;
  while ((await twins.next()).done !== true) tell(++count);
  return count;
}

async function append(
  log: AsyncIterable<RecordedEvent>,
  source: Side,
  target: Side,
  there: number,
  watch: Watch,
): Promise<number> {
  const tell = await counter('events', source, watch);
  let count = there;
  return copyEvents(log, target.events, {
    atOnce: target.appendsAtOnce,
    appended: (events) => {
      tell((count += events));
    },
  });
}

/** Both logs side by side to the end of both, and the target's proven by itself. */
async function verifyLogs(source: Side, target: Side, places: Places, watch: Watch): Promise<Verification> {
  const tell = await counter('verifying', source, watch);
  const proven = provenLog(target.events, 'the target');
  const original = readLog(source.events);
  let count = 0;
  for await (const twins of sideBySide(original, proven.events)) {
    places.pass(twins);
    tell(++count);
  }
  if ((await original.next()).done === true) return proven.verification();
  throw new MigrationRefused(
    count === 0
      ? 'nothing was copied into the target yet: migrate first'
      : `the target has the first ${count} events of the source, and not those that follow: migrate the rest`,
  );
}

const notAlone = (): MigrationRefused =>
  new MigrationRefused('the source was written to while it was copied: migrate again, when nobody serves it');

/** Tells how far a phase is, now and then and not at every event. */
async function counter(phase: Phase, { eventCount }: Side, watch: Watch): Promise<(done: number) => void> {
  const total = await eventCount?.();
  let told = 0;
  return (done) => {
    if (done - told < TELL_EVERY && done !== total) return;
    told = done;
    watch(phase, done, total);
  };
}
