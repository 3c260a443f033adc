import { Command } from 'commander';
import { createOutput } from '../output.js';
import { settings } from '../settings.js';

/** The configuration, looked at without starting anything. */
export const configCommands = (): Command =>
  new Command('config').description('the configuration').addCommand(
    new Command('check')
      .description('read the configuration as the server would; wrong values fail, one line each')
      .option('--json', 'answer as JSON')
      .action((options: { readonly json?: true }) => {
        const config = settings();
        createOutput({ json: options.json === true }).fields({
          hostname: config.SERVER_HOSTNAME,
          listens: `${config.HTTP_HOST}:${config.HTTP_PORT}`,
          data: config.DATA_PATH,
          given: [...config.given].map(([key, source]) => `${key} (${source})`).join(', '),
        });
      }),
  );
