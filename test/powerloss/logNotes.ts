/** What the driver of the embedded stores tells. Hashes are SHA-256 in hex. */
export type LogNote =
  | {
      readonly kind: 'appended';
      readonly stream: string;
      readonly revision: number;
      readonly hashes: readonly string[];
    }
  /** The record holds its own version as its value. */
  | { readonly kind: 'recorded'; readonly key: string; readonly version: number }
  | { readonly kind: 'removing' | 'removed'; readonly key: string }
  | { readonly kind: 'stored'; readonly key: string; readonly hash: string }
  | { readonly kind: 'deleting' | 'deleted'; readonly key: string }
  | { readonly kind: 'sealed'; readonly subject: string; readonly hash: string }
  | { readonly kind: 'destroying' | 'destroyed'; readonly subject: string };

/** What must be in the stores after everything that was told up to some moment, and what must not. */
export class ExpectedLog {
  /** By stream, the hash of each event that is certain, by revision. */
  readonly events = new Map<string, string[]>();
  /** By key, the least version. */
  readonly records = new Map<string, number>();
  readonly removed = new Set<string>();
  /** By key, the hash of the bytes. */
  readonly contents = new Map<string, string>();
  readonly deleted = new Set<string>();
  /** By subject, the hash of the key. */
  readonly keys = new Map<string, string>();
  readonly destroyed = new Set<string>();

  constructor(notes: readonly LogNote[]) {
    for (const note of notes) this.#take(note);
  }

  #take(note: LogNote): void {
    switch (note.kind) {
      case 'appended': {
        const hashes = this.events.get(note.stream) ?? [];
        const first = note.revision - note.hashes.length + 1;
        note.hashes.forEach((hash, index) => (hashes[first + index] = hash));
        this.events.set(note.stream, hashes);
        return;
      }
      case 'recorded':
        this.records.set(note.key, note.version);
        return;
      case 'removing':
        this.records.delete(note.key);
        return;
      case 'removed':
        this.removed.add(note.key);
        return;
      case 'stored':
        this.contents.set(note.key, note.hash);
        return;
      case 'deleting':
        this.contents.delete(note.key);
        return;
      case 'deleted':
        this.deleted.add(note.key);
        return;
      case 'sealed':
        this.keys.set(note.subject, note.hash);
        return;
      case 'destroying':
        this.keys.delete(note.subject);
        return;
      case 'destroyed':
        this.destroyed.add(note.subject);
        return;
    }
  }
}
