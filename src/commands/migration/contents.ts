import type { Digest } from '../../domain/shared/digest.js';
import type { ContentKey } from '../../ports/blobStore.js';
import type { OperationalRecord } from '../../ports/operationalStore.js';
import { sideBySide } from '../../concurrency/sideBySide.js';
import { CONTENTS, damageOf, type ContentRecord, type Damage } from '../contentRecords.js';
import { checkBytes, copyBytes } from './contentBytes.js';
import { isSameRecord, pagesOf } from './records.js';
import type { DamagedContent } from './refusals.js';
import type { Side } from './side.js';

/** How many contents are copied side by side: memory grows with this number, not with their sizes. */
const AT_ONCE = 8;

type Known = OperationalRecord<ContentRecord>;
type Pair = { readonly source: Known; readonly target: Known | undefined };

export type CopiedContents = {
  readonly contents: number;
  readonly bytes: number;
  /** Those that were not there before. */
  readonly copiedBytes: number;
  readonly damaged: readonly DamagedContent[];
};

/**
 * Copies every content that is not in the target yet, its bytes before its record. What the target has was hashed on its
 * way there, and counts whatever became of it in the source since. Of one that is whole in neither the record says that it
 * is gone, so that its next push stores it anew.
 */
export async function copyContents(source: Side, target: Side, progress: Progress): Promise<CopiedContents> {
  const { count: contents, bytes } = await sizeOf(source);
  const damaged: DamagedContent[] = [];
  let [done, copiedBytes] = [0, 0];
  const passed = (more: number): void => {
    progress((done += more), bytes);
  };
  const bring = async ({ source: record, target: there }: Pair): Promise<Damage | undefined> => {
    const content = contentOf(record);
    const isBelieved = there === undefined || damageOf(there.value) === undefined;
    if (isBelieved && (await target.blobs.stat(content.key)) === content.size) {
      passed(content.size);
      return undefined;
    }
    // Also of what is marked as damaged: it may be there again.
    const reason = await copyBytes(source.blobs, target.blobs, content, passed);
    if (reason === undefined) copiedBytes += content.size;
    return reason;
  };
  const copy = async (pair: Pair): Promise<void> => {
    let record = pair.source;
    if (isThere(record)) {
      const reason = await bring(pair);
      if (reason !== undefined) damaged.push({ digest: contentOf(record).key.digest, reason });
      record = reason === undefined ? whole(record) : { ...record, value: { ...record.value, state: 'gone' } };
    }
    if (isSameRecord(pair.target, record)) return;
    const { key, value, due } = record;
    await target.operational.write([{ kind: 'put', collection: CONTENTS, key, value, due }]);
  };
  await sideBySide(pairs(source, target), copy, AT_ONCE);
  return { contents, bytes, copiedBytes, damaged };
}

export type ContentsVerdict = {
  readonly contents: number;
  readonly bytes: number;
  /** Those that the target has not, or has other bytes of. */
  readonly damaged: readonly DamagedContent[];
};

/** Looks whether the target has every content of the source. @param thoroughly read and hash them all, too */
export async function verifyContents(
  source: Side,
  target: Side,
  thoroughly: boolean,
  progress: Progress,
): Promise<ContentsVerdict> {
  const { count: contents, bytes } = await sizeOf(source);
  const damaged: DamagedContent[] = [];
  let done = 0;
  const passed = (more: number): void => {
    progress((done += more), bytes);
  };
  const verify = async (pair: Pair): Promise<void> => {
    if (!isThere(pair.source)) return;
    const content = contentOf(pair.source);
    const { digest } = content.key;
    const isKnown = isSameRecord(pair.target, whole(pair.source));
    if (!isKnown || (await target.blobs.stat(content.key)) !== content.size)
      damaged.push({ digest, reason: damageOf(pair.source.value) ?? 'missing' });
    else if (!thoroughly) passed(content.size);
    else {
      const reason = await checkBytes(target.blobs, content, passed);
      if (reason !== undefined) damaged.push({ digest, reason });
    }
  };
  await sideBySide(pairs(source, target), verify, AT_ONCE);
  return { contents, bytes, damaged };
}

type Progress = (done: number, total: number) => void;

const isThere = ({ value }: Known): boolean => value.state !== 'gone';

/** As a target has it: what is damaged in the source may be whole there. */
const whole = (record: Known): Known =>
  damageOf(record.value) === undefined ? record : { ...record, value: { ...record.value, state: 'live' } };

const contentOf = ({ key, value }: Known): { readonly key: ContentKey; readonly size: number } => ({
  key: { digest: key as Digest, generation: value.generation },
  size: value.size,
});

async function sizeOf({ operational }: Side): Promise<{ readonly count: number; readonly bytes: number }> {
  let [count, bytes] = [0, 0];
  for await (const page of pagesOf<ContentRecord>(operational, CONTENTS)) {
    for (const record of page) {
      if (!isThere(record)) continue;
      count++;
      bytes += record.value.size;
    }
  }
  return { count, bytes };
}

async function* pairs(source: Side, target: Side): AsyncGenerator<Pair, void, undefined> {
  for await (const page of pagesOf<ContentRecord>(source.operational, CONTENTS)) {
    const there = await target.operational.getMany<ContentRecord>(
      CONTENTS,
      page.map(({ key }) => key),
    );
    for (const [index, record] of page.entries()) yield { source: record, target: there[index] };
  }
}
