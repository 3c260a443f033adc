import { Command } from 'commander';
import { createLog } from '../../telemetry/log.js';
import { createMetrics } from '../../telemetry/metrics.js';
import { serve } from '../../composition/serve.js';
import { settings } from '../settings.js';

/**
 * A terminal signals every process that it started, and npm, which is one of them, hands the signal on: who is told twice
 * in so short a time was asked once.
 */
const ONE_ASKING_MILLISECONDS = 1_000;

/** Runs the registry until SIGTERM or SIGINT, then lets requests finish. */
export const serveCommand = (): Command =>
  new Command('serve')
    .description('run the registry; SIGTERM stops it when running requests are done')
    .option('--roles <roles>', 'a part of api,projector,relay,worker; without it what ROLES says, which is all')
    .action(async ({ roles }: { readonly roles?: string }) => {
      const config = settings(roles === undefined ? {} : { TIDEMARK_ROLES: roles });
      const log = createLog({ level: config.LOG_LEVEL });
      // The first process of a container is not ended by a signal that it does not handle.
      const stopStarting = (signal: NodeJS.Signals): void => {
        log.info({ signal }, 'asked to stop while starting');
        process.exit(0);
      };
      process.on('SIGTERM', stopStarting).on('SIGINT', stopStarting);
      const serving = await serve({
        config,
        log,
        metrics: createMetrics(config.PROMETHEUS_NAMESPACE),
        broken: () => process.exit(1),
        shutDown: () => process.kill(process.pid, 'SIGTERM'),
      });
      let asked: number | undefined;
      const stop = (signal: NodeJS.Signals): void => {
        if (asked !== undefined) {
          if (performance.now() - asked < ONE_ASKING_MILLISECONDS) return;
          log.warn({ signal }, 'asked to stop again: ending at once, whatever is under way');
          process.exit(1);
        }
        asked = performance.now();
        log.info({ signal }, 'asked to stop');
        serving.stop().then(
          () => process.exit(0),
          (error: unknown) => {
            log.error({ err: error }, 'could not stop cleanly');
            process.exit(1);
          },
        );
      };
      process.off('SIGTERM', stopStarting).off('SIGINT', stopStarting);
      process.on('SIGTERM', stop).on('SIGINT', stop);
    });
