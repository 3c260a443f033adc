import { existsSync } from 'node:fs';
import { Command } from 'commander';
import type { MigrationReport } from '../../commands/migration/migrate.js';
import { moveInstallation } from '../../composition/migration.js';
import { migrationProgress } from '../migrationProgress.js';
import { createOutput, type Output } from '../output.js';
import { bytesText, secondsText } from '../quantities.js';
import { Refused } from '../refused.js';
import { settings, settingsIn } from '../settings.js';

type Options = {
  readonly to?: string;
  readonly from?: string;
  readonly verifyOnly?: true;
  readonly leaveDamaged?: true;
  readonly republish?: true;
  readonly json?: true;
};

/** Moves a registry from one set of engines to another, while nobody serves it. */
export const migrateCommand = (): Command =>
  new Command('migrate')
    .description(
      'copy this registry into another installation, or another one into this; goes on where it was broken off',
    )
    .option('--to <config>', 'the configuration file of the installation to copy into')
    .option('--from <config>', 'the configuration file of the installation to copy')
    .option('--verify-only', 'copy nothing: prove that the one holds all of the other, every byte')
    .option('--leave-damaged', 'leave contents behind whose bytes are damaged; they count as deleted')
    .option('--republish', 'publish the whole log on the Kafka of the copy, instead of what comes after the move')
    .option('--json', 'answer as JSON, and tell the progress as JSON, one object a line, on the standard error')
    .addHelpText('after', HELP)
    .action(run);

const HELP = `
The present configuration, environment included, is the one side; the file alone, without the environment, is the other.
Nobody may serve either of them meanwhile. The source is not changed.`;

async function run(options: Options): Promise<void> {
  const { to, from } = options;
  const other = to ?? from;
  if (other === undefined || (to !== undefined && from !== undefined)) {
    throw new Refused('give either --to or --from, with the configuration file of the other installation');
  }
  if (!existsSync(other)) throw new Refused(`there is no ${other}`);
  const [here, there] = [settings(), settingsIn(other)];
  const [source, target] = to === undefined ? [there, here] : [here, there];
  const json = options.json === true;
  const progress = migrationProgress(json);
  const began = performance.now();
  try {
    const report = await moveInstallation(source, target, {
      verifyOnly: options.verifyOnly === true,
      leaveDamaged: options.leaveDamaged === true,
      republish: options.republish === true,
      watch: progress.watch,
    });
    progress.finish();
    print(createOutput({ json }), report, (performance.now() - began) / 1000, json);
  } catch (error) {
    progress.finish();
    throw error;
  }
}

function print(output: Output, report: MigrationReport, seconds: number, json: boolean): void {
  const { keys, records, contents, bytes, copiedBytes, damaged, ...log } = report;
  const texts = { bytes: bytesText(bytes), copiedBytes: bytesText(copiedBytes), seconds: secondsText(seconds) };
  output.fields({
    // In one order, whether it was copied or only verified.
    ...{ ...log, keys, records, contents, bytes, copiedBytes },
    // An empty list tells a program something, and people nothing.
    damaged: json || damaged.length > 0 ? damaged.map(({ digest, reason }) => ({ digest, reason })) : undefined,
    seconds: Math.round(seconds * 1000) / 1000,
    verified: true,
    ...(json ? {} : texts),
  });
  output.note('Its read models are built when it is first served.');
}
