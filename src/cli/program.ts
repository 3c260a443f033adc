import { Command } from 'commander';
import { ConfigInvalid } from '../config/errors.js';
import { endWithReader } from './closedOutput.js';
import { healthCommand } from './commands/health.js';
import { Refused } from './refused.js';

/** Runs one command line; the process's exit code tells how it went. */
export async function run(): Promise<void> {
  endWithReader(process.stdout);
  const program = new Command('tidemark')
    .description('A container registry whose only source of truth is a log of events.')
    .addHelpText(
      'after',
      `
Settings come from config.yaml (in ./config or here; TIDEMARK_CONFIG names another), and from the environment as
TIDEMARK_<KEY>. Without any, the registry listens on port 8080 and keeps everything in ./data.`,
    )
    .showHelpAfterError('(add --help for what can be given)');
  try {
    for (const command of await commands()) program.addCommand(command);
    await program.parseAsync();
  } catch (error) {
    process.exitCode = 1;
    for (const line of explain(error)) process.stderr.write(`${line}\n`);
  }
}

/** Health is asked for every few seconds, so it does not load the registry as the others do. */
async function commands(): Promise<readonly Command[]> {
  if (process.argv[2] === 'health') return [healthCommand()];
  const { allCommands } = await import('./commands/all.js');
  return allCommands();
}

function explain(error: unknown): readonly string[] {
  if (error instanceof ConfigInvalid) return error.problems.map((line) => `config: ${line}`);
  if (error instanceof Refused) return [error.message];
  return [`tidemark: ${error instanceof Error ? error.message : String(error)}`];
}
