#!/usr/bin/env node
import { Command } from 'commander';
import { ConfigInvalid } from '../config/errors.js';
import { configCommands } from './commands/config.js';
import { eventsCommands } from './commands/events.js';
import { projectionsCommands } from './commands/projections.js';
import { serveCommand } from './commands/serve.js';
import { userCommands } from './commands/user.js';
import { Refused } from './refused.js';

const program = new Command('tidemark')
  .description('A container registry whose only source of truth is a log of events.')
  .addHelpText(
    'after',
    `
Settings come from config.yaml (in ./config or here; TIDEMARK_CONFIG names another), and from the environment as
TIDEMARK_<KEY>. Without any, the registry listens on port 8080 and keeps everything in ./data.`,
  )
  .showHelpAfterError('(add --help for what can be given)');

program.addCommand(serveCommand());
program.addCommand(userCommands());
program.addCommand(eventsCommands());
program.addCommand(projectionsCommands());
program.addCommand(configCommands());

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = 1;
  if (error instanceof ConfigInvalid) for (const line of error.problems) process.stderr.write(`config: ${line}\n`);
  else if (error instanceof Refused) process.stderr.write(`${error.message}\n`);
  else process.stderr.write(`tidemark: ${error instanceof Error ? error.message : String(error)}\n`);
}
