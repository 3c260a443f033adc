import { randomBytes } from 'node:crypto';
import type { Binary, Collection, Db } from 'mongodb';
import type { Position } from '../../../domain/shared/ids.js';
import type { LaneSpec } from '../../../ports/documentStore.js';
import { reached } from '../../mongodb/client.js';
import type { StoredObject } from './values.js';

export type LaneId = Pick<LaneSpec, 'projection' | 'version'>;

/**
 * A commit that was begun: what it writes and how far the lane is fed then. Whoever meets it can finish it.
 * `bytes` are JSON (`journals.ts`); a large one lies in `parts` instead.
 */
export type Journal = {
  readonly id: string;
  readonly position: Position;
  readonly bytes: Binary | null;
  readonly parts: number;
};

/**
 * - `active`: what queries read; `_id` is `<projection>/<version>`, so that there is one, and that one look-up tells
 *   its build and its checkpoint
 * - `build`: beside it; `_id` is `<projection>/<version>/<build>`. `activating` takes no commits any more
 * - `replaced`: an active one of the past, whose collections stay a while for those who are reading them
 */
export type LaneKind = 'active' | 'build' | 'activating' | 'replaced';

export type LaneRecord = LaneId & {
  readonly _id: string;
  readonly kind: LaneKind;
  readonly build: string;
  /** Whether its collections and indexes are those that a program declares (`shapeOf`). */
  readonly shape: string;
  readonly collections: readonly string[];
  readonly checkpoint: Position;
  readonly journal: Journal | null;
  /** When a build became this active lane. */
  readonly since: Date;
  /** The last sign of life: of those who have an active lane open, of a build's maker; when it was replaced. */
  readonly beat: Date;
  /** The store that makes the build. */
  readonly owner: string;
};

/** A document, `d`; or a tombstone, `t`, which stands where one was deleted and must not come back. */
export type StoredDocument = {
  readonly _id: string;
  /** The position of the commit that wrote it. */
  readonly p: Position;
  readonly d?: StoredObject;
  /** Its places in the indexes (`indexKeys.ts`). */
  readonly x?: Readonly<Record<string, string>>;
  readonly t?: Position;
};

export type JournalPart = {
  readonly _id: string;
  readonly journal: string;
  readonly bytes: Binary;
  readonly at: Date;
};

export const activeId = ({ projection, version }: LaneId): string => `${projection}/${version}`;
export const buildId = (lane: LaneId, build: string): string => `${activeId(lane)}/${build}`;

const TIME_DIGITS = 8;

/** Begins with the time, so that what nobody knows any more can be told from what was just begun. */
export const newBuild = (now: number): string =>
  now.toString(36).padStart(TIME_DIGITS, '0') + randomBytes(3).toString('hex');

/** When a build was begun; undefined if the text names none. */
export function madeAt(build: string): number | undefined {
  return /^[0-9a-z]{8}[0-9a-f]{6}$/.test(build) ? parseInt(build.slice(0, TIME_DIGITS), 36) : undefined;
}

/** The collections of one database, and calls to them. */
export class LaneDatabase {
  readonly lanes: Collection<LaneRecord>;
  readonly parts: Collection<JournalPart>;

  constructor(readonly db: Db) {
    this.lanes = db.collection<LaneRecord>('lanes');
    this.parts = db.collection<JournalPart>('journals');
  }

  documents(lane: LaneId, build: string, collection: string): Collection<StoredDocument> {
    return this.db.collection<StoredDocument>(collectionName(lane, build, collection));
  }

  /** @throws StoreUnavailable if the server is away or too slow */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    return reached('the store of the read models', work);
  }

  async drop(lane: LaneId, build: string, collections: readonly string[]): Promise<void> {
    for (const collection of collections) {
      await this.run(() => this.db.dropCollection(collectionName(lane, build, collection)));
    }
  }
}

const collectionName = (lane: LaneId, build: string, collection: string): string =>
  `${lane.projection}.${lane.version}.${build}.${collection}`;

/** The lane was dropped: nobody fed it for long, or its build was discarded. */
export class LaneGone extends Error {
  constructor(record: string) {
    super(`the read model ${record} is gone`);
    this.name = 'LaneGone';
  }
}
