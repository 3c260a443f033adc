import { createHash } from 'node:crypto';
import { START, type Position } from '../domain/shared/ids.js';
import { VersionConflict } from '../ports/errors.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import type { Projection } from './projection.js';

/** How far all read models are, as the process that feeds them tells the others. */
export type Reached = {
  readonly position: Position;
  /** Changes whenever queries may have to read from other builds than before. */
  readonly era: string;
};

const COLLECTION = 'read-models';
const NOWHERE: Reached = { position: START, era: '' };

/**
 * The one record by which processes learn how far the read models are. It is of one set of projections in their
 * versions: while a cluster is upgraded, two programs feed and follow theirs side by side.
 */
export class ReachRecord {
  readonly #key: string;
  /** What is believed to be in the store: right until somebody else writes. */
  #known: (Reached & { readonly version: number }) | undefined;

  constructor(
    private readonly operational: OperationalStore,
    projections: readonly Projection[],
  ) {
    this.#key = fingerprintOf(projections);
  }

  async read(): Promise<Reached> {
    return (await this.operational.get<Reached>(COLLECTION, this.#key))?.value ?? NOWHERE;
  }

  /** Tells the others. A position never goes back, also when a feeder that was replaced still writes. */
  async announce(reached: Reached): Promise<void> {
    for (;;) {
      this.#known ??= await this.#present();
      const { version, position, era } = this.#known;
      if (position > reached.position || (position === reached.position && era === reached.era)) return;
      try {
        await this.operational.write([
          { kind: 'put', collection: COLLECTION, key: this.#key, value: { ...reached }, expected: version },
        ]);
        this.#known = { ...reached, version: version + 1 };
        return;
      } catch (error) {
        this.#known = undefined;
        if (!(error instanceof VersionConflict)) throw error;
      }
    }
  }

  async #present(): Promise<Reached & { readonly version: number }> {
    const record = await this.operational.get<Reached>(COLLECTION, this.#key);
    return record ? { ...record.value, version: record.version } : { ...NOWHERE, version: 0 };
  }
}

/** The same for two programs if they mean the same documents. */
export function fingerprintOf(projections: readonly Projection[]): string {
  const versions = projections.map(({ name, version }) => `${name}@${version}`).sort();
  return createHash('sha256').update(versions.join(' ')).digest('hex').slice(0, 16);
}
