import type { RecordedEvent } from '../../shared/envelope.js';
import type { EventPlace } from './problem.js';

/** The last event of a stream so far. */
export type Head = {
  readonly id: string;
  readonly revision: number;
  readonly position: string;
  readonly hash: string;
};

/** How an event fails to follow its stream: */
export type ChainFault =
  /** one or more revisions before it were not seen; */
  | { readonly kind: 'gap'; readonly missing: number }
  /** its revision was seen, and what followed linked to that other event or to itself; */
  | { readonly kind: 'repeat' }
  /** it has the revision of the stream's last event, but is another one; */
  | { readonly kind: 'rival'; readonly head: Head }
  /** it has the right revision, but was made to follow another event. */
  | { readonly kind: 'link'; readonly head: Head | undefined };

export const placeOfHead = (stream: string, { id, revision, position }: Head): EventPlace => ({
  id,
  stream,
  revision,
  position,
});

/** The hash chains of all streams: one head each, whatever their lengths. */
export class StreamChains {
  readonly #heads = new Map<string, Head>();

  /** How many streams were seen. */
  get size(): number {
    return this.#heads.size;
  }

  /** Makes the event its stream's head, unless it does not follow the present one. */
  follow(event: RecordedEvent): ChainFault | undefined {
    const head = this.#heads.get(event.stream);
    const fault = faultOf(event, head);
    if (!fault) this.accept(event);
    return fault;
  }

  /** Makes the event its stream's head, whatever it was before. */
  accept({ stream, id, revision, position, metadata }: RecordedEvent): void {
    this.#heads.set(stream, { id, revision, position, hash: metadata.hash });
  }
}

function faultOf({ revision, metadata }: RecordedEvent, head: Head | undefined): ChainFault | undefined {
  const next = head ? head.revision + 1 : 0;
  if (revision > next) return { kind: 'gap', missing: next };
  if (head?.revision === revision && metadata.hash !== head.hash) return { kind: 'rival', head };
  if (revision < next) return { kind: 'repeat' };
  return metadata.prevHash === (head?.hash ?? null) ? undefined : { kind: 'link', head };
}
