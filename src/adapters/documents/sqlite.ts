/* eslint-disable @typescript-eslint/require-await -- the port is asynchronous, this engine is not */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { START } from '../../domain/shared/ids.js';
import type { DocumentStore, Lane, LaneSpec, LaneState } from '../../ports/documentStore.js';
import { checkpoint } from '../sqlite/database.js';
import { LaneCatalogue, type CataloguedLane } from './laneCatalogue.js';
import { openLaneFile, readCheckpoint, type LaneFile, type LaneFileMode } from './laneFile.js';
import { LaneMaintenance } from './laneMaintenance.js';
import { LaneSlot } from './laneSlot.js';

/** Pages in a write-ahead log (4 MiB) at which the maintenance thread is asked to checkpoint it. */
const CHECKPOINT_PAGES = 1024;
/** At this size (32 MiB) commits are too quick for that thread to catch up, and the main thread takes the rest. */
const OVERFULL_PAGES = 8_192;

type OpenLane = CataloguedLane & { readonly spec: LaneSpec; readonly mode: LaneFileMode; file: LaneFile | undefined };

export type LaneBuild = Lane & {
  readonly build: string;
  /** The file to build in, for `openLaneFile` on a thread of its own; then this object is not to be used. */
  readonly path: string;
};

/**
 * Read models in a folder of SQLite files, one file for each lane: a build is written by another thread without
 * disturbing anybody, and activating it copies nothing. Active lanes are read and written on the caller's thread.
 * Builds that were not activated are gone when the store is opened again.
 */
export class SqliteDocumentStore implements DocumentStore {
  readonly #catalogue: LaneCatalogue;
  readonly #maintenance = new LaneMaintenance();
  readonly #active = new Map<string, OpenLane>();
  readonly #builds = new Map<string, OpenLane>();
  readonly #checkpointing = new Map<LaneFile, Promise<void>>();

  /** @param folder made if it is not there; the caller holds its lock */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#catalogue = new LaneCatalogue(folder);
  }

  async active(spec: LaneSpec): Promise<Lane> {
    const key = keyOf(spec);
    if (!this.#active.has(key)) this.#active.set(key, this.#openActive(spec));
    return new LaneSlot(
      () => this.#serving(key),
      (file) => {
        this.#checkpointIfLarge(key, file);
      },
    );
  }

  async hasActive(spec: LaneSpec): Promise<boolean> {
    return this.#catalogue.active(spec) !== undefined;
  }

  async build(spec: LaneSpec): Promise<LaneBuild> {
    const lane: OpenLane = { ...identify(spec, randomUUID()), spec, mode: 'building', file: undefined };
    this.#builds.set(lane.build, lane);
    const file = (): LaneFile => {
      if (this.#builds.get(lane.build) !== lane) throw new LaneGone(keyOf(spec));
      return (lane.file ??= this.#openFile(lane));
    };
    return Object.assign(new LaneSlot(file, () => undefined), { build: lane.build, path: this.#catalogue.path(lane) });
  }

  async activate(spec: LaneSpec, build: string): Promise<void> {
    const lane = this.#builds.get(build);
    if (!lane || keyOf(lane) !== keyOf(spec))
      throw new RangeError(`projection ${spec.projection} has no build ${build}`);
    this.#builds.delete(build);
    try {
      lane.file?.close();
      lane.file = undefined;
      await this.#maintenance.finish(this.#catalogue.path(lane), spec);
      await this.#replace({ ...lane, spec, mode: 'serving' });
    } catch (error) {
      this.#builds.set(build, lane);
      throw error;
    }
  }

  async discardBuilds(projection: string): Promise<void> {
    for (const lane of [...this.#builds.values()].filter((build) => build.projection === projection)) {
      this.#builds.delete(lane.build);
      lane.file?.close();
      this.#catalogue.removeFiles(lane);
    }
  }

  /** A build that another thread feeds stands at `START` here: its file is locked. */
  async lanes(): Promise<readonly LaneState[]> {
    const active = this.#catalogue.all().map((lane) => {
      const file = this.#active.get(keyOf(lane))?.file;
      const checkpoint = file ? file.checkpointNow() : readCheckpoint(this.#catalogue.path(lane));
      return { ...lane, active: true, checkpoint: checkpoint ?? START };
    });
    const builds = [...this.#builds.values()].map(({ projection, version, build, file }) => {
      return { projection, version, build, active: false, checkpoint: file?.checkpointNow() ?? START };
    });
    return [...active, ...builds];
  }

  async close(): Promise<void> {
    await Promise.all(this.#checkpointing.values());
    await this.#maintenance.close();
    for (const { file } of [...this.#active.values(), ...this.#builds.values()]) file?.close();
    this.#active.clear();
    for (const lane of this.#builds.values()) this.#catalogue.removeFiles(lane);
    this.#builds.clear();
    this.#catalogue.close();
  }

  #openActive(spec: LaneSpec): OpenLane {
    const known = this.#catalogue.active(spec);
    const lane: OpenLane = { ...identify(spec, known ?? randomUUID()), spec, mode: 'serving', file: undefined };
    lane.file = this.#openFile(lane);
    if (known === undefined) this.#catalogue.add(lane);
    return lane;
  }

  #openFile(lane: OpenLane): LaneFile {
    return openLaneFile(this.#catalogue.path(lane), lane.spec, lane.mode);
  }

  #serving(key: string): LaneFile {
    const lane = this.#active.get(key);
    if (!lane?.file) throw new LaneGone(key);
    return lane.file;
  }

  /** From the catalogue's transaction on, whoever asks gets the new file; nothing is awaited in between. */
  async #replace(lane: OpenLane): Promise<void> {
    const replaced = this.#catalogue.all().filter(({ projection }) => projection === lane.projection);
    const file = this.#openFile(lane);
    this.#catalogue.activate(lane);
    const files = replaced.map((old) => this.#active.get(keyOf(old))?.file);
    for (const old of replaced) this.#active.delete(keyOf(old));
    this.#active.set(keyOf(lane), { ...lane, file });

    for (const old of files) {
      const checkpointing = old && this.#checkpointing.get(old);
      old?.close();
      await checkpointing;
    }
    for (const old of replaced) this.#catalogue.removeFiles(old);
  }

  #checkpointIfLarge(key: string, file: LaneFile): void {
    const lane = this.#active.get(key);
    if (!lane || file.pagesWritten < CHECKPOINT_PAGES || this.#checkpointing.has(file)) return;
    const done = this.#maintenance
      .checkpoint(this.#catalogue.path(lane))
      .then((complete) => {
        if (this.#active.get(key)?.file !== file) return;
        // What is left is what was committed since that thread began: little, even when the log is large.
        const full = file.pagesWritten > OVERFULL_PAGES;
        if (complete || (full && checkpoint(file.connection, 'PASSIVE'))) file.checkpointed();
      })
      // It is tried again after the next commit, and what keeps a file from being written will show there.
      .catch(() => undefined)
      .finally(() => this.#checkpointing.delete(file));
    this.#checkpointing.set(file, done);
  }
}

/** The lane was replaced by another version or discarded; who still asks for it runs an old program. */
export class LaneGone extends Error {
  constructor(lane: string) {
    super(`this lane of ${lane} was replaced or discarded`);
    this.name = 'LaneGone';
  }
}

const keyOf = ({ projection, version }: Pick<LaneSpec, 'projection' | 'version'>): string =>
  `${projection} version ${version}`;

const identify = ({ projection, version }: LaneSpec, build: string): CataloguedLane => ({ projection, version, build });
