import type { Migrations } from './database.js';

/**
 * `log.sqlite`: the event log, the operational records and small contents, in one file because they share one group commit.
 *
 * Event ids are version 7 UUIDs, so their unique index grows at its right end. The records' index over `due` holds
 * only what is due at some time.
 */
export const logSchema: Migrations = [
  `
  CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    metadata TEXT NOT NULL,
    UNIQUE (stream, revision)
  ) STRICT;

  CREATE TABLE records (
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    due TEXT,
    value TEXT NOT NULL,
    PRIMARY KEY (collection, key)
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX records_due ON records (collection, due, key) WHERE due IS NOT NULL;
  `,
  // Contents too small for a file of their own share the group commit, too.
  `
  CREATE TABLE contents (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    bytes BLOB NOT NULL
  ) STRICT;
  `,
];
