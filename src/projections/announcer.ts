import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { laterPosition, START, type Position } from '../domain/shared/ids.js';
import type { DocumentStore } from '../ports/documentStore.js';
import { VersionConflict } from '../ports/errors.js';
import type { Projection } from './projection.js';
import type { Announced, ReachRecord } from './reach.js';

/** Who announces has lost his lease without knowing it: another one feeds the read models. */
export class FeederReplaced extends Error {
  constructor(fence: number, by: number) {
    super(`the read models are fed in term ${by}, not in ${fence} any more`);
    this.name = 'FeederReplaced';
  }
}

export type AnnouncerOptions = {
  readonly record: ReachRecord;
  readonly projections: readonly Projection[];
  readonly documents: Pick<DocumentStore, 'lanes'>;
  /** For how long this process may announce. `check` throws when that is over, as far as its own clock can tell. */
  readonly term: { readonly fence: number; check(): void };
  /** Resolves when every process reads from the builds that are active, also one that was told nothing. */
  readonly routesKnown: () => Promise<void>;
};

/**
 * Tells the other processes how far the read models are, and when they have to read from other builds. The record that it
 * writes is what counts; what is kept here of it is right until somebody else writes.
 *
 * Neither position nor fence go back: one who slept while another took over announces nothing any more, or who follows
 * would believe him an era that is over, and read from a build that nobody feeds.
 */
export class Announcer {
  #known: (Announced & { readonly version: number }) | undefined;
  #era = '';
  /** The era of which every process knows, also one that was told nothing. */
  #settled: string | undefined;

  constructor(private readonly options: AnnouncerOptions) {}

  /**
   * Lanes were opened or put in the place of others: all others learn of it before anything is fed to them, whoever did
   * it. Makes the record this term's own. What failed is to be called again.
   *
   * @throws FeederReplaced
   */
  async opened(): Promise<void> {
    const { documents, projections, record, routesKnown } = this.options;
    this.#era = await eraOf(documents, projections);
    this.#settled ??= (this.#known ??= await record.read()).era;
    await this.passed(START);
    if (this.#settled === this.#era) return;
    if (this.#settled !== '') await routesKnown();
    this.#settled = this.#era;
  }

  /** @throws FeederReplaced */
  async passed(position: Position): Promise<void> {
    const { record, term } = this.options;
    const { fence } = term;
    const era = this.#era;
    for (;;) {
      term.check();
      const { version, ...present } = (this.#known ??= await record.read());
      if (present.fence > fence) throw new FeederReplaced(fence, present.fence);
      const next: Announced = { position: laterPosition(present.position, position), era, fence };
      if (isDeepStrictEqual(next, present)) return;
      try {
        await record.write(next, version);
        this.#known = { ...next, version: version + 1 };
        return;
      } catch (error) {
        // Whether it was written nobody knows, or somebody else wrote.
        this.#known = undefined;
        if (!(error instanceof VersionConflict)) throw error;
      }
    }
  }
}

/** The builds that queries read from: the same for all who feed them, whoever activated them. */
async function eraOf(documents: Pick<DocumentStore, 'lanes'>, projections: readonly Projection[]): Promise<string> {
  const builds = (await documents.lanes())
    .filter(({ active, projection, version }) =>
      projections.some((known) => active && known.name === projection && known.version === version),
    )
    .map(({ projection, version, build }) => `${projection}@${version}:${build}`);
  return createHash('sha256').update(builds.sort().join(' ')).digest('hex').slice(0, 16);
}
