import { Command } from 'commander';
import type { Administration } from '../../composition/administration.js';
import { administer, assertExists } from '../../composition/offline.js';
import { createOutput } from '../output.js';
import { createProgress } from '../progress.js';
import { settings } from '../settings.js';

type Options = { readonly json?: true };

/** The read models; works beside a running registry and without one. */
export const projectionsCommands = (): Command =>
  new Command('projections')
    .description('the read models that follow the log')
    .addCommand(json(new Command('status').description('how far each read model is')).action(status))
    .addCommand(
      json(new Command('rebuild').description('build read models anew from the log, while the registry serves'))
        .argument('[projection]', 'one of those that status shows; without it all of them')
        .action(rebuild),
    )
    .addCommand(
      json(
        new Command('verify').description(
          'build each read model anew and compare it with the present one, document for document',
        ),
      ).action(verify),
    );

const json = (command: Command): Command => command.option('--json', 'answer as JSON');

function administerExisting<Result>(act: (administration: Administration) => Promise<Result>): Promise<Result> {
  const config = settings();
  assertExists(config);
  return administer(config, act);
}

async function status(options: Options): Promise<void> {
  const { end, lanes } = await administerExisting((administration) => administration.projectionStates());
  const rows = lanes.map((lane) => ({ ...lane, behind: Number(end) - Number(lane.checkpoint) }));
  createOutput({ json: options.json === true }).table(
    [
      { title: 'projection', text: ({ projection }) => projection },
      { title: 'version', text: ({ version }) => String(version), align: 'right' },
      { title: 'state', text: ({ active }) => (active ? 'active' : 'building') },
      { title: 'checkpoint', text: ({ checkpoint }) => String(Number(checkpoint)), align: 'right' },
      { title: 'behind', text: ({ behind }) => String(behind), align: 'right' },
    ],
    rows,
  );
}

async function rebuild(projection: string | undefined, options: Options): Promise<void> {
  const progress = createProgress({
    label: `rebuilding ${projection ?? 'all'}`,
    unit: 'share',
    json: options.json === true,
  });
  const { position } = await administerExisting((administration) =>
    administration.rebuild(projection ?? null, (done, total) => {
      progress.update(done, total);
    }),
  );
  progress.finish();
  createOutput({ json: options.json === true }).fields({
    projection: projection ?? 'all',
    position: String(Number(position)),
  });
}

async function verify(options: Options): Promise<void> {
  const progress = createProgress({ label: 'comparing', unit: 'share', json: options.json === true });
  const verdicts = await administerExisting((administration) =>
    administration.verifyProjections((done, total) => {
      progress.update(done, total);
    }),
  );
  progress.finish();
  createOutput({ json: options.json === true }).table(
    [
      { title: 'projection', text: ({ projection }) => projection },
      { title: 'documents', text: ({ documents }) => String(documents), align: 'right' },
      {
        title: 'verdict',
        text: ({ differences }) => (differences.length === 0 ? 'equal' : `differs: ${differences.join(', ')}`),
      },
    ],
    [...verdicts],
  );
  if (verdicts.some(({ differences }) => differences.length > 0)) process.exitCode = 1;
}
