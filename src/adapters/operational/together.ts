import type { OperationalWrite } from '../../ports/operationalStore.js';

/** Writes of one collection that expect nothing: none of them can lose. */
export type Blind = { readonly kind: 'blind'; readonly collection: string; readonly writes: OperationalWrite[] };

/** Writes in order, in as few calls as can be without losing what each of them expects. */
export type Part = Blind | { readonly kind: 'expecting'; readonly write: OperationalWrite };

const MOST_TOGETHER = 1_000;

export function together(writes: readonly OperationalWrite[]): readonly Part[] {
  const parts: Part[] = [];
  for (const write of writes) {
    const last = parts.at(-1);
    if (write.expected !== undefined) parts.push({ kind: 'expecting', write });
    else if (last?.kind === 'blind' && last.collection === write.collection && last.writes.length < MOST_TOGETHER) {
      last.writes.push(write);
    } else parts.push({ kind: 'blind', collection: write.collection, writes: [write] });
  }
  return parts;
}
