import { Command } from 'commander';
import { administer, assertExists } from '../../composition/offline.js';
import { createOutput } from '../output.js';
import { createProgress } from '../progress.js';
import { bytesText } from '../quantities.js';
import { settings } from '../settings.js';

type Options = { readonly json?: true };

/** The bytes of blobs and manifests; works beside a running registry and without one. */
export const contentsCommands = (): Command =>
  new Command('contents')
    .description('the bytes of blobs and manifests')
    .addCommand(
      new Command('verify')
        .description('read and hash all that is stored; what is damaged counts as not there, so that a push mends it')
        .option('--json', 'answer as JSON')
        .action(verify),
    );

async function verify(options: Options): Promise<void> {
  const json = options.json === true;
  const config = settings();
  assertExists(config);
  const progress = createProgress({ label: 'reading', unit: 'bytes', json });
  const report = await administer(config, (administration) =>
    administration.verifyContents((done, total) => {
      progress.update(done, total);
    }),
  ).finally(() => {
    progress.finish();
  });
  const output = createOutput({ json });
  const { findings, ...counts } = report;
  if (json) output.fields(report);
  else output.fields({ ...counts, bytes: bytesText(counts.bytes) });
  if (findings.length === 0) return;
  process.exitCode = 1;
  if (json) return;
  output.table(
    [
      { title: 'digest', text: ({ digest }) => digest },
      { title: 'reason', text: ({ reason, detail }) => (detail === null ? reason : `${reason}: ${detail}`) },
    ],
    [...findings],
  );
  if (report.damaged > 0) output.note(DAMAGED);
  if (report.unreadable > 0) output.note(UNREADABLE);
}

const DAMAGED =
  'What is damaged counts as not there: push an image that has it again, or put its bytes back from a backup and call ' +
  'this again.';
const UNREADABLE =
  'What could not be read counts as there: look at the storage. A file that stays unreadable is to be removed, and this ' +
  'called again.';
