import { Command } from 'commander';
import { administer, assertExists } from '../../composition/offline.js';
import { showContentsReport } from '../contentsReport.js';
import { createOutput } from '../output.js';
import { createProgress } from '../progress.js';
import { settings } from '../settings.js';

type Options = { readonly json?: true };

/** The bytes of blobs and manifests; works beside a running registry and without one. */
export const contentsCommands = (): Command =>
  new Command('contents')
    .description('the bytes of blobs and manifests')
    .addCommand(
      new Command('verify')
        .description(
          'read and hash all that is stored; what is damaged counts as not there, so that a push can mend it',
        )
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
  process.exitCode = showContentsReport(report, createOutput({ json }), json);
}
