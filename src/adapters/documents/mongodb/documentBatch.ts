import { BSON, MongoBulkWriteError, type AnyBulkWriteOperation } from 'mongodb';
import type { BatchSize } from '../../../concurrency/batchSize.js';
import type { Position } from '../../../domain/shared/ids.js';
import type { DocumentWrite, LaneSpec } from '../../../ports/documentStore.js';
import { indexKeys } from './indexKeys.js';
import type { LaneDatabase, StoredDocument } from './records.js';
import { toStored } from './values.js';

type Operation = AnyBulkWriteOperation<StoredDocument>;
type Sized = { readonly key: string; readonly operation: Operation; readonly characters: number };

/** The engine takes 16 MiB and some; the rest is for its own use. */
const MOST_BYTES = 15 * 1024 * 1024;
/** Documents with so little text cannot become too large, whatever they consist of. */
const SMALL_CHARACTERS = 1024 * 1024;
/** With so much text a bulk is sent, so that each is done long before the time limit of a call. */
const BULK_CHARACTERS = 4 * 1024 * 1024;
/** How often a bulk is sent whose documents others write at the same moment. */
const ATTEMPTS = 5;

/**
 * The writes of one commit as the engine is sent them: by collection, one for each key, guarded by their position. Keeps
 * what is still to be done.
 */
export class DocumentBatch {
  readonly #operations = new Map<string, Map<string, Sized>>();

  /** @throws RangeError if a collection is not declared, or a document is more than the engine takes */
  constructor(
    private readonly spec: LaneSpec,
    writes: readonly DocumentWrite[],
    private readonly position: Position,
  ) {
    for (const write of writes) {
      const operations = this.#operations.get(write.collection) ?? new Map<string, Sized>();
      this.#operations.set(write.collection, operations.set(write.key, this.#operation(write)));
    }
  }

  /**
   * Writes what is not there yet. Documents that a later commit wrote stay as they are.
   *
   * @param size of bulks: an engine that did not answer in time gets less at once when it is tried again
   * @param isPending whether the commit is still to be finished; if not, somebody else has done it all
   * @param beforeSending throws if it is too late to send anything
   */
  async send(
    lanes: LaneDatabase,
    build: string,
    size: BatchSize,
    isPending: () => Promise<boolean>,
    beforeSending: () => void,
  ): Promise<void> {
    const sendBulk = async (collection: string, operations: Operation[]): Promise<void> => {
      for (let attempt = 1; ; attempt++) {
        beforeSending();
        try {
          await lanes.run(() =>
            lanes.documents(this.spec, build, collection).bulkWrite(operations, { ordered: false }),
          );
          return;
        } catch (error) {
          // A guarded document that is newer is not found, and inserting it beside itself fails.
          if (!isOnlyDuplicates(error)) throw error;
          if (!(await isPending())) return;
          if (attempt === ATTEMPTS) throw error;
        }
      }
    };
    const sendAll = async (collection: string, left: Map<string, Sized>): Promise<void> => {
      for (const bulk of bulksOf(left.values())) {
        await size.inParts(bulk, async (part) => {
          await sendBulk(
            collection,
            part.map(({ operation }) => operation),
          );
          for (const { key } of part) left.delete(key);
        });
      }
    };
    await Promise.all([...this.#operations].map(([name, left]) => sendAll(name, left)));
  }

  #operation({ collection, key, document }: DocumentWrite): Sized {
    const declared = this.spec.collections.find(({ name }) => name === collection);
    if (!declared) throw new RangeError(`projection ${this.spec.projection} declares no collection ${collection}`);
    const p = this.position;
    const filter = { _id: key, p: { $lte: p } };
    // What was never there needs no tombstone: every earlier commit had been written down when this one was begun.
    if (!document)
      return { key, operation: { replaceOne: { filter, replacement: { p, t: p } } }, characters: key.length };
    const replacement = { p, d: toStored(document), x: indexKeys(declared, key, document) };
    const characters = JSON.stringify(document).length;
    if (characters > SMALL_CHARACTERS && BSON.calculateObjectSize(replacement) > MOST_BYTES) {
      throw new RangeError(`document ${key} of projection ${this.spec.projection} is more than the store takes`);
    }
    return { key, operation: { replaceOne: { filter, replacement, upsert: true } }, characters };
  }
}

function* bulksOf(operations: Iterable<Sized>): Generator<Sized[]> {
  let bulk: Sized[] = [];
  let total = 0;
  for (const sized of operations) {
    if (bulk.length > 0 && total + sized.characters > BULK_CHARACTERS) {
      yield bulk;
      bulk = [];
      total = 0;
    }
    bulk.push(sized);
    total += sized.characters;
  }
  yield bulk;
}

const DUPLICATE_KEY = 11_000;

/** Everything that failed was inserting what is there; all else that was sent together has been done or comes again. */
function isOnlyDuplicates(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError)) return false;
  const errors = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  return errors.length > 0 && errors.every(({ code }) => code === DUPLICATE_KEY);
}
