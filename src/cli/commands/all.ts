import type { Command } from 'commander';
import { configCommands } from './config.js';
import { contentsCommands } from './contents.js';
import { eventsCommands } from './events.js';
import { healthCommand } from './health.js';
import { migrateCommand } from './migrate.js';
import { projectionsCommands } from './projections.js';
import { serveCommand } from './serve.js';
import { userCommands } from './user.js';

/** In the order of the help. */
export const allCommands = (): readonly Command[] =>
  [
    serveCommand,
    userCommands,
    eventsCommands,
    projectionsCommands,
    contentsCommands,
    migrateCommand,
    configCommands,
    healthCommand,
  ].map((make) => make());
