import type { EventMetadata, RecordedEvent } from '../../shared/envelope.js';
import { eventHash } from '../../shared/hash.js';
import { START, type Position } from '../../shared/ids.js';
import type { Checkpoint } from '../checkpoint.js';
import { CheckpointChain, type Trust } from './checkpointChain.js';
import { named, placeOf, problem, type EventPlace, type LogProblem } from './problem.js';
import { StreamChains, type ChainFault } from './streamChains.js';
import { amongCovered, brokenLink, disordered, missing, rival, type Suspicion } from './suspicion.js';
import { UncoveredEvents } from './uncovered.js';

export type Verification = Counts & ({ readonly ok: true } | { readonly ok: false; readonly problem: LogProblem });

type Counts = {
  /** How many events were looked at, up to the first problem. */
  readonly events: number;
  readonly streams: number;
  readonly checkpoints: number;
  /** How many events, from the first one, are proven to be all that there were, in their order. */
  readonly coveredUpTo: number;
  /** How many come after them: their chains hold, but whole ends of streams could be missing. */
  readonly uncovered: number;
  /** To be kept elsewhere, see `checkpointText`. */
  readonly lastCheckpoint: Checkpoint | null;
};

export type VerifierOptions = Trust & {
  /** How many events a checkpoint may stand behind the last one that it covers: at 68 bytes each. */
  readonly lookBack?: number;
};

/** At a thousand events a second, a quarter of an hour between counting events and having signed them. */
const LOOK_BACK = 2 ** 20;

/** Every member, so that one that the hash does not cover is seen. */
const metadataMembers: { readonly [member in keyof EventMetadata]: true } = {
  schema: true,
  at: true,
  actor: true,
  credential: true,
  via: true,
  asSuperuser: true,
  ip: true,
  userAgent: true,
  correlationId: true,
  causationId: true,
  prevHash: true,
  hash: true,
};
const METADATA_MEMBERS = Object.keys(metadataMembers).length;

/**
 * Verifies a log, event by event in log order: each event's hash, each stream's chain and revisions, the order of
 * positions, the announced keys, and each checkpoint's number, predecessor, signature and Merkle root. Keeps one head
 * per stream and the events since the last checkpoint. After the first problem it looks on only to say what it is.
 *
 * What nothing in a log can show: that events after the last checkpoint are missing together with all that followed them
 * in their streams. A checkpoint that was kept elsewhere shows it, as far as that one reaches.
 */
export class LogVerifier {
  readonly #chains = new StreamChains();
  readonly #uncovered: UncoveredEvents;
  readonly #checkpoints: CheckpointChain;
  #events = 0;
  #last: RecordedEvent | undefined;
  #beforeLast = START;
  #suspicion: Suspicion | undefined;
  #problem: LogProblem | undefined;

  constructor({ lookBack = LOOK_BACK, ...trust }: VerifierOptions = {}) {
    this.#uncovered = new UncoveredEvents(lookBack);
    this.#checkpoints = new CheckpointChain(this.#uncovered, trust);
  }

  /** @returns whether the events that follow matter still */
  take(event: RecordedEvent): boolean {
    if (this.#suspicion) this.#problem ??= this.#suspicion.look(event);
    else this.#judge(event);
    return this.#problem === undefined;
  }

  /** The log cannot be read on; a problem that was found before comes first. */
  fail(found: LogProblem): void {
    if (!this.#suspicion) this.#problem ??= found;
  }

  finish(): Verification {
    const found =
      this.#problem ?? this.#suspicion?.verdict ?? this.#checkpoints.end(this.#last ? placeOf(this.#last) : null);
    const { coveredUpTo, count: checkpoints, last: lastCheckpoint = null } = this.#checkpoints;
    const events = this.#events;
    const uncovered = events - coveredUpTo;
    const counts = { events, streams: this.#chains.size, checkpoints, coveredUpTo, uncovered, lastCheckpoint };
    return found ? { ok: false, problem: found, ...counts } : { ok: true, ...counts };
  }

  #judge(event: RecordedEvent): void {
    this.#events++;
    if (!isAsHashed(event)) {
      const place = placeOf(event);
      this.#problem = problem('altered', `${named(place)} is not what its hash was made of`, {
        event: place,
        foundAt: place,
      });
      return;
    }
    const last = this.#last;
    const fault = this.#chains.follow(event);
    if (fault?.kind === 'repeat') this.#problem = repeated(placeOf(event));
    else if (last && event.position <= last.position) this.#suspicion = disordered(last, this.#beforeLast, event);
    else if (fault) this.#unchained(event, fault, last?.position ?? START);
    else this.#checkpointed(event, last?.position ?? START);
    this.#beforeLast = last?.position ?? START;
    this.#last = event;
    this.#uncovered.push(event.metadata.hash, event.id);
  }

  #unchained(event: RecordedEvent, fault: Exclude<ChainFault, { kind: 'repeat' }>, before: Position): void {
    switch (fault.kind) {
      case 'gap':
        this.#suspicion = missing(fault.missing, event, before);
        return;
      case 'rival':
        this.#suspicion = rival(fault.head, event);
        return;
      case 'link':
        this.#problem = brokenLink(fault.head, event);
    }
  }

  #checkpointed(event: RecordedEvent, before: Position): void {
    const found = this.#checkpoints.take(event);
    if (found?.among) this.#suspicion = amongCovered(found, event, before, this.#chains);
    else this.#problem = found;
  }
}

const repeated = (event: EventPlace): LogProblem =>
  problem('inserted', `${named(event)} stands in the log twice`, { event, foundAt: event });

function isAsHashed(event: RecordedEvent): boolean {
  const { stream, revision, metadata } = event;
  if (Object.keys(metadata).length !== METADATA_MEMBERS) return false;
  try {
    return eventHash(stream, revision, event) === metadata.hash;
  } catch {
    // What canonical JSON does not allow (a lone surrogate) no event was ever made of.
    return false;
  }
}
