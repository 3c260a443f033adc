import { createHash } from 'node:crypto';
import { START, type Position } from '../domain/shared/ids.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import type { Projection } from './projection.js';

/** How far all read models are, as the process that feeds them tells the others. */
export type Reached = {
  readonly position: Position;
  /** Changes whenever queries may have to read from other builds than before. */
  readonly era: string;
};

/** What is in the record. */
export type Announced = Reached & {
  /** Of the term in which it was announced. */
  readonly fence: number;
};

const COLLECTION = 'read-models';
const NOWHERE: Announced = { position: START, era: '', fence: 0 };

/**
 * The one record by which processes learn how far the read models are. It is of one set of projections in their
 * versions: while a cluster is upgraded, two programs feed and follow theirs side by side.
 */
export class ReachRecord {
  readonly #key: string;

  constructor(
    private readonly operational: OperationalStore,
    projections: readonly Projection[],
  ) {
    this.#key = fingerprintOf(projections);
  }

  /** `version` is what `write` expects. */
  async read(): Promise<Announced & { readonly version: number }> {
    const record = await this.operational.get<Announced>(COLLECTION, this.#key);
    return record ? { ...record.value, version: record.version } : { ...NOWHERE, version: 0 };
  }

  /** For who feeds them (`Announcer`). @throws VersionConflict */
  async write({ position, era, fence }: Announced, expected: number): Promise<void> {
    const value = { position, era, fence };
    await this.operational.write([{ kind: 'put', collection: COLLECTION, key: this.#key, value, expected }]);
  }
}

/** The same for two programs if they mean the same documents. */
export function fingerprintOf(projections: readonly Projection[]): string {
  const versions = projections.map(({ name, version }) => `${name}@${version}`).sort();
  return createHash('sha256').update(versions.join(' ')).digest('hex').slice(0, 16);
}
