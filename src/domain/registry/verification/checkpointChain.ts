import type { RecordedEvent } from '../../shared/envelope.js';
import type { JsonObject } from '../../shared/json.js';
import { checkpointHash, checkpointText, isCheckpoint, type Checkpoint } from '../checkpoint.js';
import { REGISTRY_STREAM } from '../registry.js';
import { signedText, verifyingKey, type KeyAnnouncement, type VerifyingKey } from '../signing.js';
import { named, placeOf, problem, type EventPlace, type LogProblem } from './problem.js';
import type { UncoveredEvents } from './uncovered.js';

/** What was kept apart from the log, so that who can write the log cannot change it. */
export type Trust = {
  readonly checkpoint?: Checkpoint | undefined;
  readonly keyId?: string | undefined;
};

/** The announced keys and the checkpoints, each judged by those before it and by the events that it covers. */
export class CheckpointChain {
  readonly #keys = new Map<string, VerifyingKey>();
  #present: VerifyingKey | undefined;
  #last: Checkpoint | undefined;
  #count = 0;
  #coveredUpTo = 0;

  constructor(
    private readonly uncovered: UncoveredEvents,
    private readonly trust: Trust,
  ) {}

  get count(): number {
    return this.#count;
  }

  get last(): Checkpoint | undefined {
    return this.#last;
  }

  /** How many events a checkpoint covers that the trusted key vouches for; any checkpoint if no key is trusted. */
  get coveredUpTo(): number {
    return this.#coveredUpTo;
  }

  /** Judges an event of the log, before it is one of those that the next checkpoint may cover. */
  take(event: RecordedEvent): LogProblem | undefined {
    if (event.stream !== REGISTRY_STREAM) return undefined;
    if (event.type === 'SigningKeyAnnounced') return this.#announced(event);
    return event.type === 'LogCheckpointed' ? this.#checkpointed(event) : undefined;
  }

  /** @param last the last event of the log */
  end(last: EventPlace | null): LogProblem | undefined {
    const { checkpoint, keyId } = this.trust;
    if (checkpoint && (this.#last?.number ?? 0) < checkpoint.number) return this.#cutOff(checkpoint, last);
    if (keyId === undefined || this.#coveredUpTo > 0) return undefined;
    return problem('untrusted', `no checkpoint was signed by the trusted key ${keyId} or one that it announced`, {});
  }

  #announced(event: RecordedEvent): LogProblem | undefined {
    const wrong = (reason: string) => faulty('key', event, reason);
    const { data } = event;
    if (!isAnnouncement(data)) return wrong('is not the announcement of a key');
    const key = parsed(data.publicKey);
    if (key?.keyId !== data.keyId) return wrong('announces a key under an id that is not its own');
    if (this.#keys.has(data.keyId)) return wrong('announces a key that was announced before');
    const signer = this.#present ?? key;
    if (data.signedBy !== signer.keyId || !signer.verify(signedText(data), data.signature)) {
      return wrong('announces a key that the key before it did not sign');
    }
    this.#keys.set(key.keyId, key);
    this.#present = key;
    return undefined;
  }

  #checkpointed(event: RecordedEvent): LogProblem | undefined {
    const { data } = event;
    if (!isCheckpoint(data)) return faulty('checkpoint', event, 'is not a checkpoint');
    const found =
      this.#signed(event, data) ?? this.#inOrder(event, data) ?? this.#covers(event, data) ?? this.#asKept(event, data);
    if (found) return found;
    this.uncovered.cover(data.size);
    this.#last = data;
    this.#count++;
    if (this.trust.keyId === undefined || this.#keys.has(this.trust.keyId)) this.#coveredUpTo = data.size;
    return undefined;
  }

  #signed(event: RecordedEvent, checkpoint: Checkpoint): LogProblem | undefined {
    if (checkpoint.keyId !== this.#present?.keyId)
      return faulty('checkpoint', event, 'names a key that is not the announced one');
    if (this.#present.verify(signedText(checkpoint), checkpoint.signature)) return undefined;
    return faulty('checkpoint', event, 'bears a wrong signature');
  }

  #inOrder(event: RecordedEvent, { number, size, previous }: Checkpoint): LogProblem | undefined {
    const expected = (this.#last?.number ?? 0) + 1;
    if (number > expected)
      return faulty('removed', event, `is checkpoint ${number}, but number ${expected} was not seen`, null);
    if (number < expected) return faulty('inserted', event, `is checkpoint ${number}, which was seen before`);
    if (previous !== (this.#last ? checkpointHash(this.#last) : null)) {
      return faulty('checkpoint', event, 'was not made to follow the checkpoint before it');
    }
    if (size <= this.uncovered.start) return faulty('checkpoint', event, 'covers nothing');
    return undefined;
  }

  #covers(event: RecordedEvent, { number, size, root, lastEvent }: Checkpoint): LogProblem | undefined {
    const { uncovered } = this;
    const foundAt = placeOf(event);
    const among = { first: uncovered.start + 1, last: size };
    const covered = `checkpoint ${number} covers events ${among.first} to ${among.last}`;
    const actual = uncovered.rootUpTo(Math.min(size, uncovered.end));
    if (actual === undefined) return faulty('checkpoint', event, 'stands too far behind the events that it covers');
    const place = uncovered.numberOf(lastEvent, size);
    if (size <= uncovered.end && actual === root) {
      return place === size ? undefined : faulty('checkpoint', event, 'names a last event that is not the last');
    }
    if (place === undefined) {
      const last: EventPlace = { id: lastEvent, stream: null, revision: null, position: null };
      return problem('removed', `${covered}: the last one, ${named(last)}, is missing`, {
        event: last,
        foundAt,
        among,
      });
    }
    if (place < size) return problem('removed', `${covered}: ${size - place} of them missing`, { foundAt, among });
    if (place > size) return problem('inserted', `${covered}: ${place - size} inserted among them`, { foundAt, among });
    return problem('rewritten', `${covered}: some of them altered or reordered`, { foundAt, among });
  }

  #asKept(event: RecordedEvent, checkpoint: Checkpoint): LogProblem | undefined {
    const kept = this.trust.checkpoint;
    if (kept?.number !== checkpoint.number || checkpointText(kept) === checkpointText(checkpoint)) return undefined;
    return (
      this.#damaged(kept) ?? faulty('rewritten', event, `is not checkpoint ${kept.number} as it was kept elsewhere`)
    );
  }

  #cutOff(kept: Checkpoint, last: EventPlace | null): LogProblem {
    const damaged = this.#damaged(kept);
    if (damaged) return damaged;
    const lost = kept.size - this.uncovered.end;
    const after = last ? `the log ends with ${named(last)}` : 'the log is empty';
    const what =
      lost > 0 ? `at least ${lost} events that checkpoint ${kept.number} covers` : `checkpoint ${kept.number}`;
    return problem('cut-off', `${after}: ${what} came after it`, { event: last });
  }

  /** What was kept elsewhere can go wrong too; that is nothing to blame the log for. */
  #damaged(kept: Checkpoint): LogProblem | undefined {
    const key = this.#keys.get(kept.keyId);
    if (!key || key.verify(signedText(kept), kept.signature)) return undefined;
    return problem('checkpoint', `checkpoint ${kept.number} as it was kept elsewhere bears a wrong signature`, {});
  }
}

function faulty(
  kind: LogProblem['kind'],
  at: RecordedEvent,
  reason: string,
  event: EventPlace | null = placeOf(at),
): LogProblem {
  const foundAt = placeOf(at);
  return problem(kind, `${named(foundAt)} ${reason}`, { event, foundAt });
}

function parsed(publicKey: string): VerifyingKey | undefined {
  try {
    return verifyingKey(publicKey);
  } catch {
    return undefined;
  }
}

const announcementMembers = [
  'keyId',
  'publicKey',
  'signedBy',
  'signature',
] as const satisfies (keyof KeyAnnouncement)[];

const isAnnouncement = (data: JsonObject): data is KeyAnnouncement =>
  Object.keys(data).length === announcementMembers.length &&
  announcementMembers.every((member) => typeof data[member] === 'string');
