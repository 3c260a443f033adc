import { migrate, verifyMigration, type MigrationReport } from '../commands/migration/migrate.js';
import { MigrationRefused } from '../commands/migration/refusals.js';
import type { Watch } from '../commands/migration/side.js';
import type { Config } from '../config/config.js';
import { openInstallation, type Installation } from './installations.js';
import { refuseLeftOnKafka } from './leftOnKafka.js';
import { movedPlaces } from './movedPlaces.js';
import { existingLog } from './offline.js';
import { consumers } from './workers.js';

export type MoveOptions = {
  /** Nothing is copied. */
  readonly verifyOnly: boolean;
  readonly leaveDamaged: boolean;
  /** The whole log is published on the target's Kafka. */
  readonly republish: boolean;
  readonly watch: Watch;
};

/**
 * Copies the installation of one configuration into that of another one, or proves that it was copied.
 *
 * @throws MigrationRefused, ContentsDamaged; FolderLocked if somebody serves one of them
 */
export async function moveInstallation(from: Config, to: Config, options: MoveOptions): Promise<MigrationReport> {
  refuseSame(from, to);
  if (options.republish && to.EVENT_BUS !== 'kafka') {
    throw new MigrationRefused('--republish: the target has no EVENT_BUS: kafka to publish on');
  }
  if (from.EVENT_STORE === 'embedded') existingLog(from);
  const source = await openInstallation(from);
  try {
    if (!options.verifyOnly) await refuseLeftOnKafka(from, to, consumers);
    const target = await openInstallation(to);
    try {
      const report = await move(source, target, from, to, options);
      for (const side of [source, target]) await side.assertAlone();
      return report;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function move(
  source: Installation,
  target: Installation,
  { EVENT_BUS: from }: Config,
  { EVENT_BUS: to }: Config,
  { verifyOnly, leaveDamaged, republish, watch }: MoveOptions,
): Promise<MigrationReport> {
  if (verifyOnly) return verifyMigration(source, target, { watch, leaveDamaged });
  const { operational, events } = source;
  const places = await movedPlaces({ ...{ operational, from, to, republish, consumers }, end: await events.end() });
  return migrate(source, target, { watch, leaveDamaged, places });
}

function refuseSame(from: Config, to: Config): void {
  const isSame =
    from.EVENT_STORE === 'embedded'
      ? to.EVENT_STORE === 'embedded' && from.DATA_PATH === to.DATA_PATH
      : from.EVENTSTORE_CONNECTION === to.EVENTSTORE_CONNECTION &&
        from.EVENTSTORE_STREAM_PREFIX === to.EVENTSTORE_STREAM_PREFIX;
  if (!isSame) return;
  // A connection string may hold a password.
  const what =
    from.EVENT_STORE === 'embedded' ? `both keep their data in ${from.DATA_PATH}` : 'both have one event store';
  throw new MigrationRefused(`source and target are the same: ${what}`);
}
