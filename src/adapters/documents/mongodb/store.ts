import { randomUUID } from 'node:crypto';
import type { MongoClient } from 'mongodb';
import type { Position } from '../../../domain/shared/ids.js';
import type { JsonObject } from '../../../domain/shared/json.js';
import type {
  Collection,
  DocumentStore,
  DocumentWrite,
  Lane,
  LaneSpec,
  LaneState,
} from '../../../ports/documentStore.js';
import { shapeOf } from '../laneShape.js';
import { ActiveRoutes } from './activeRoutes.js';
import { systemClock, type Clock } from './clock.js';
import { MongoDocuments, type Source } from './documents.js';
import { verifyIndexes } from './indexes.js';
import { LaneCatalogue } from './laneCatalogue.js';
import { LaneKeeper, laneTimes, type LaneTimes } from './laneKeeper.js';
import { LaneWriter } from './laneWriter.js';
import { activeId, LaneDatabase, type LaneKind, type LaneRecord } from './records.js';

export type MongoDocumentStoreOptions = {
  /** Name of a database that holds nothing else. */
  readonly database: string;
  /** Told what went wrong in the background; it is tried again. */
  readonly failed: (error: unknown) => void;
  readonly refreshMilliseconds?: number;
  readonly times?: LaneTimes;
  readonly clock?: Clock;
};

const REFRESH_MILLISECONDS = 500;
const BEAT_MILLISECONDS = 20_000;
/** What is rare is looked for once in so many beats: an hour. */
const RARELY = 180;

/**
 * Read models in a MongoDB database that several processes share: any of them may read, feed, build and activate. A lane
 * that this process has open goes on with the new documents within a second after another one activated a build.
 *
 * - `lanes`: a record for each active lane and each build, with its checkpoint and the commit that is under way
 * - `<projection>.<version>.<build>.<collection>`: documents, as people can read them (`values.ts`)
 * - `journals`: parts of commits that are too large for one record
 */
export class MongoDocumentStore implements DocumentStore {
  readonly #lanes: LaneDatabase;
  readonly #clock: Clock;
  readonly #catalogue: LaneCatalogue;
  readonly #keeper: LaneKeeper;
  readonly #routes: ActiveRoutes;
  readonly #owner = randomUUID();
  readonly #open = new Map<string, LaneSpec>();
  readonly #verified = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #beats = 0;
  #beating: Promise<void> = Promise.resolve();

  private constructor(
    client: MongoClient,
    private readonly options: MongoDocumentStoreOptions,
  ) {
    this.#clock = options.clock ?? systemClock;
    this.#lanes = new LaneDatabase(client.db(options.database));
    this.#catalogue = new LaneCatalogue(this.#lanes, this.#clock, this.#owner);
    const times = options.times ?? laneTimes;
    this.#keeper = new LaneKeeper(this.#lanes, this.#catalogue, this.#clock, times, this.#owner);
    this.#routes = new ActiveRoutes(this.#lanes, this.#clock, options.refreshMilliseconds ?? REFRESH_MILLISECONDS);
    this.#timer = setInterval(() => {
      this.#beating = this.keep().catch(options.failed);
    }, BEAT_MILLISECONDS).unref();
  }

  /**
   * @param client stays open when the store is closed
   * @throws StoreUnavailable if the server is away
   */
  static async open(client: MongoClient, options: MongoDocumentStoreOptions): Promise<MongoDocumentStore> {
    const store = new MongoDocumentStore(client, options);
    try {
      await store.lanes();
      return store;
    } catch (error) {
      clearInterval(store.#timer);
      throw error;
    }
  }

  /**
   * @throws LaneShapeChanged if its collections or indexes were changed without raising the version
   * @throws LaneIndexMissing if the engine lacks an index of it
   */
  async active(spec: LaneSpec): Promise<Lane> {
    const record = await this.#catalogue.openActive(spec);
    const verified = `${record._id}/${record.build}/${record.shape}`;
    if (!this.#verified.has(verified)) await verifyIndexes(this.#lanes, spec, record.build);
    this.#verified.add(verified);
    this.#routes.set(record._id, record.build);
    const isNew = !this.#open.has(record._id);
    this.#open.set(record._id, spec);
    if (isNew) await this.#keeper.beat([record._id]);
    return this.#lane(
      spec,
      record,
      () => this.#routes.build(record._id),
      (build) => {
        this.#routes.set(record._id, build);
      },
    );
  }

  async hasActive(spec: LaneSpec): Promise<boolean> {
    return (await this.#catalogue.active(spec)) !== undefined;
  }

  /** The build is discarded two minutes after this process died, or when it closes the store. */
  async build(spec: LaneSpec): Promise<Lane & { readonly build: string }> {
    const record = await this.#catalogue.createBuild(spec);
    const { build } = record;
    const lane = this.#lane(
      spec,
      record,
      () => Promise.resolve(build),
      () => undefined,
    );
    return Object.assign(lane, { build });
  }

  /**
   * Makes a finished build the active lane of its version; what it replaces can be read for some minutes more. Lanes of
   * other versions stay as long as a process has them open, and a day.
   */
  async activate(spec: LaneSpec, build: string): Promise<void> {
    await this.#catalogue.activate(spec, build);
    const id = activeId(spec);
    if (this.#open.has(id)) this.#routes.set(id, build);
    this.#verified.add(`${id}/${build}/${shapeOf(spec)}`);
  }

  async discardBuilds(projection: string): Promise<void> {
    await this.#keeper.discardBuilds(projection);
  }

  async lanes(): Promise<readonly LaneState[]> {
    await this.#routes.read();
    const kinds: LaneKind[] = ['active', 'build', 'activating'];
    const records = await this.#lanes.run(() =>
      this.#lanes.lanes
        .find({ kind: { $in: kinds } }, { projection: { journal: 0 } })
        .sort({ _id: 1 })
        .toArray(),
    );
    return records.map(({ projection, version, build, kind, checkpoint }) => ({
      ...{ projection, version, build, active: kind === 'active', checkpoint },
    }));
  }

  /** What the store does by itself from time to time: shows that it lives, removes what nobody needs any more. */
  async keep(): Promise<void> {
    const specs = [...this.#open.values()];
    await this.#keeper.beat([...this.#open.keys()]);
    await this.#keeper.dropReplaced(specs.map(({ projection }) => projection));
    if (this.#beats++ % RARELY !== 0) return;
    for (const spec of specs) {
      await this.#keeper.dropOtherVersions(spec);
      await this.#keeper.dropStrays(spec.projection);
    }
  }

  /** Gives up the builds of this process. The client stays open. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
    if (this.#catalogue.hasBuilds) await this.#keeper.abandon().catch(this.options.failed);
  }

  #lane(spec: LaneSpec, record: LaneRecord, build: () => Promise<string>, goingOnIn: (build: string) => void): Lane {
    const writer = new LaneWriter(this.#lanes, spec, this.#clock, record, goingOnIn);
    return {
      checkpoint: () => writer.checkpoint(),
      commit: (writes: readonly DocumentWrite[], checkpoint: Position) => writer.commit(writes, checkpoint),
      collection: <Document extends JsonObject>(name: string): Collection<Document> => {
        const declared = spec.collections.find((collection) => collection.name === name);
        if (!declared) throw new RangeError(`projection ${spec.projection} declares no collection ${name}`);
        const source = async (): Promise<Source> => {
          const present = await build();
          return { build: present, documents: this.#lanes.documents(spec, present, name) };
        };
        return new MongoDocuments<Document>(this.#lanes, declared, source);
      },
    };
  }
}
