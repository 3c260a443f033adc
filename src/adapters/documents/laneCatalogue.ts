import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LaneSpec } from '../../ports/documentStore.js';
import { openForWriting, type Connection, type Migrations } from '../sqlite/database.js';
import { readCheckpoint } from './laneFile.js';

const schema: Migrations = [
  `CREATE TABLE active_lanes (
     projection TEXT NOT NULL,
     version INTEGER NOT NULL,
     build TEXT NOT NULL,
     PRIMARY KEY (projection, version)
   ) STRICT, WITHOUT ROWID`,
];

type LaneId = Pick<LaneSpec, 'projection' | 'version'>;
export type CataloguedLane = LaneId & { readonly build: string };

const CATALOGUE = 'catalogue.sqlite';
const LANE = /^lane-.*\.sqlite(?:-wal|-shm|-journal)?$/;

/**
 * Which file of the folder holds which active lane. The switch from one file to another is one durable transaction
 * here; files that are not in the catalogue belong to nobody once the process that made them has ended.
 */
export class LaneCatalogue {
  readonly #folder: string;
  readonly #db: Connection;
  readonly #statements;

  constructor(folder: string) {
    this.#folder = folder;
    this.#db = openForWriting(join(folder, CATALOGUE), 'FULL', schema);
    this.#statements = {
      all: this.#db.prepare<[], CataloguedLane>('SELECT projection, version, build FROM active_lanes ORDER BY 1, 2'),
      build: this.#db
        .prepare<[string, number], string>('SELECT build FROM active_lanes WHERE projection = ? AND version = ?')
        .pluck(),
      add: this.#db.prepare<[string, number, string]>('INSERT INTO active_lanes VALUES (?, ?, ?)'),
      remove: this.#db.prepare<[string]>('DELETE FROM active_lanes WHERE build = ?'),
      removeAll: this.#db.prepare<[string]>('DELETE FROM active_lanes WHERE projection = ?'),
    };
    this.#tidy();
  }

  /** Where the file of a build lies. */
  path({ projection, version, build }: CataloguedLane): string {
    return join(this.#folder, `lane-${encodeURIComponent(projection)}-v${version}-${build}.sqlite`);
  }

  all(): readonly CataloguedLane[] {
    return this.#statements.all.all();
  }

  /** The build that is active in exactly this version. */
  active({ projection, version }: LaneId): string | undefined {
    return this.#statements.build.get(projection, version);
  }

  add({ projection, version, build }: CataloguedLane): void {
    this.#statements.add.run(projection, version, build);
  }

  /** The build takes the place of all lanes of its projection. */
  activate({ projection, version, build }: CataloguedLane): void {
    this.#db
      .transaction(() => {
        this.#statements.removeAll.run(projection);
        this.#statements.add.run(projection, version, build);
      })
      .immediate();
  }

  /** Removes the files of a lane that nobody has open any more. */
  removeFiles(lane: CataloguedLane): void {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${this.path(lane)}${suffix}`, { force: true });
  }

  close(): void {
    this.#db.close();
  }

  /** Forgets lanes whose files are lost (they can be rebuilt), and removes files that no lane is in. */
  #tidy(): void {
    for (const lane of this.all()) {
      if (readCheckpoint(this.path(lane)) === undefined) this.#statements.remove.run(lane.build);
    }
    const known = this.all().map((lane) => this.path(lane));
    for (const name of readdirSync(this.#folder)) {
      const path = join(this.#folder, name);
      if (LANE.test(name) && !known.some((file) => path.startsWith(file))) rmSync(path);
    }
  }
}
