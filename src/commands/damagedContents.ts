import { VersionConflict } from '../ports/errors.js';
import type { BlobStore } from '../ports/blobStore.js';
import type { OperationalRecord, OperationalStore } from '../ports/operationalStore.js';
import { CONTENTS, damageOf, type ContentRecord, type Damage, type Stored } from './contentRecords.js';

/** A content whose bytes are not what its record says. */
export type ContentDamage = Stored & { readonly damage: Damage };

/**
 * What an examination came to. `replaced`: the bytes are not the present ones of their digest any more, so that nothing
 * about them matters.
 */
export type Verdict = 'whole' | 'replaced' | Damage;

type Known = OperationalRecord<ContentRecord>;

/**
 * Marks contents whose bytes are damaged, so that they count as not there and the next push stores them anew.
 *
 * Bytes under one generation never change for the better except by the hand of an operator, and whoever stores a digest
 * anew does so under another generation. So a mark is for one generation, and is set only on the record that was read
 * before the bytes were looked at: what somebody stored meanwhile is never touched. No bytes are removed here.
 */
export class DamagedContents {
  readonly #listeners: (() => void)[] = [];

  constructor(
    private readonly deps: {
      readonly blobs: Pick<BlobStore, 'stat'>;
      readonly operational: OperationalStore;
      /** Called once for each mark. */
      readonly found?: ((content: ContentDamage) => void) | undefined;
    },
  ) {}

  /** Called when this process has marked a content: what it keeps of contents in memory may be untrue from now on. */
  onMarked(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Looks at bytes that seem to be damaged, and marks their record if they are. Whether they are there, and how many, is
   * looked up here; that they are others than their digest says is believed.
   *
   * @throws StoreUnavailable if the blob store cannot be asked: then nothing is known, and nothing is marked
   */
  async examine(content: Stored, seen: Damage): Promise<Verdict> {
    for (;;) {
      const record = await this.#record(content);
      if (record?.value.generation !== content.generation || record.value.state === 'gone') return 'replaced';
      const known = damageOf(record.value);
      if (known === 'altered' || known === seen) return known;
      const isThere = (await this.deps.blobs.stat(content)) === content.size;
      if (isThere && seen === 'missing') return 'whole';
      const damage = isThere ? seen : 'missing';
      // Others may have come to where there were none: a look must not take those for the right ones.
      if (damage === known) return known;
      if (!(await this.#change(record, damage))) continue;
      for (const listener of this.#listeners) listener();
      this.deps.found?.({ ...content, damage });
      return damage;
    }
  }

  /**
   * Takes the mark from bytes that were proven to be those of their digest.
   *
   * @returns whether there was one
   */
  async clear(content: Stored): Promise<boolean> {
    for (;;) {
      const record = await this.#record(content);
      if (record?.value.generation !== content.generation || damageOf(record.value) === undefined) return false;
      if (await this.#change(record, 'live')) return true;
    }
  }

  #record({ digest }: Stored): Promise<Known | undefined> {
    return this.deps.operational.get<ContentRecord>(CONTENTS, digest);
  }

  /** @returns false if somebody else changed the record since it was read */
  async #change({ key, value: before, version: expected }: Known, state: ContentRecord['state']): Promise<boolean> {
    const value: ContentRecord = { ...before, state };
    try {
      await this.deps.operational.write([{ kind: 'put', collection: CONTENTS, key, value, expected }]);
      return true;
    } catch (error) {
      if (error instanceof VersionConflict) return false;
      throw error;
    }
  }
}
