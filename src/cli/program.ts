import { Command } from 'commander';
import { ConfigInvalid } from '../config/errors.js';
import { configCommands } from './commands/config.js';
import { eventsCommands } from './commands/events.js';
import { migrateCommand } from './commands/migrate.js';
import { projectionsCommands } from './commands/projections.js';
import { serveCommand } from './commands/serve.js';
import { userCommands } from './commands/user.js';
import { Refused } from './refused.js';

/** Runs one command line; the process's exit code tells how it went. */
export async function run(): Promise<void> {
  const program = new Command('tidemark')
    .description('A container registry whose only source of truth is a log of events.')
    .addHelpText(
      'after',
      `
Settings come from config.yaml (in ./config or here; TIDEMARK_CONFIG names another), and from the environment as
TIDEMARK_<KEY>. Without any, the registry listens on port 8080 and keeps everything in ./data.`,
    )
    .showHelpAfterError('(add --help for what can be given)');
  for (const make of [
    serveCommand,
    userCommands,
    eventsCommands,
    projectionsCommands,
    migrateCommand,
    configCommands,
  ]) {
    program.addCommand(make());
  }
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = 1;
    for (const line of explain(error)) process.stderr.write(`${line}\n`);
  }
}

function explain(error: unknown): readonly string[] {
  if (error instanceof ConfigInvalid) return error.problems.map((line) => `config: ${line}`);
  if (error instanceof Refused) return [error.message];
  return [`tidemark: ${error instanceof Error ? error.message : String(error)}`];
}
