import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Digest } from '../domain/shared/digest.js';
import { sideBySide } from '../concurrency/sideBySide.js';
import type { BlobStore } from '../ports/blobStore.js';
import { StoreUnavailable } from '../ports/errors.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { CONTENTS, storedAs, type ContentRecord, type Damage, type Stored } from './contentRecords.js';
import type { DamagedContents } from './damagedContents.js';
import { checkBytes } from './migration/contentBytes.js';
import { pagesOf } from './migration/records.js';

/** How many contents are read side by side: they share a processor with whatever else the process does. */
const AT_ONCE = 2;
/** Findings that are named; of more only their number is told. */
const MOST_NAMED = 1_000;

export type Finding = {
  readonly digest: Digest;
  /** `unreadable`: the storage failed to give the bytes, which says nothing of them. */
  readonly reason: Damage | 'unreadable';
  /** What the storage said. */
  readonly detail: string | null;
};

export type ContentsReport = {
  /** Looked at. */
  readonly contents: number;
  /** Of all that was looked at, as the records say. */
  readonly bytes: number;
  /** They count as not there, from now on or already before. */
  readonly damaged: number;
  /** They were marked as damaged and are whole: the marks were taken away. */
  readonly mended: number;
  readonly unreadable: number;
  /** The first thousand. */
  readonly findings: readonly Finding[];
};

export type VerifyContentsOptions = {
  readonly operational: OperationalStore;
  readonly blobs: Pick<BlobStore, 'stream'>;
  readonly damaged: DamagedContents;
  /** In bytes. */
  readonly progressed: (done: number, total: number) => void;
};

/**
 * Reads and hashes every content, in constant memory, while the registry serves. What is damaged is marked, so that the
 * next push stores it anew; what was marked and is whole again may be read again.
 *
 * @throws StoreUnavailable if a store is away: what was found until then is marked
 */
export async function verifyContents(options: VerifyContentsOptions): Promise<ContentsReport> {
  const { operational, blobs, damaged, progressed } = options;
  const total = await totalBytes(operational);
  const counts = { contents: 0, bytes: 0, damaged: 0, mended: 0, unreadable: 0 };
  const findings: Finding[] = [];
  const find = (finding: Finding): void => {
    if (findings.length < MOST_NAMED) findings.push(finding);
  };
  let done = 0;
  const passed = (bytes: number): void => {
    progressed((done += bytes), total);
  };
  const verify = async (content: Stored): Promise<void> => {
    const { digest } = content;
    counts.contents++;
    counts.bytes += content.size;
    const reason = await checkBytes(blobs, { key: content, size: content.size }, passed);
    if (reason === undefined) {
      if (await damaged.clear(content)) counts.mended++;
      return;
    }
    const verdict = await damaged.examine(content, reason);
    if (verdict === 'replaced') return;
    if (verdict === 'whole') throw new Error('the storage did not have it at first, and had it then');
    counts.damaged++;
    find({ digest, reason: verdict, detail: null });
  };
  await sideBySide(
    readable(operational),
    async (content) => {
      // Small contents and records of the embedded stores are there at once; whoever else is waiting must get a turn.
      await nextTurn();
      try {
        await verify(content);
      } catch (error) {
        if (error instanceof StoreUnavailable) throw error;
        counts.unreadable++;
        const detail = error instanceof Error ? error.message : String(error);
        find({ digest: content.digest, reason: 'unreadable', detail });
      }
    },
    AT_ONCE,
  );
  return { ...counts, findings };
}

/** Contents of which there should be bytes, those that are marked included. */
async function* readable(operational: OperationalStore): AsyncGenerator<Stored, void, undefined> {
  for await (const page of pagesOf<ContentRecord>(operational, CONTENTS)) {
    // The keys of these records are digests.
    for (const { key, value } of page) if (value.state !== 'gone') yield storedAs(key as Digest, value);
  }
}

async function totalBytes(operational: OperationalStore): Promise<number> {
  let bytes = 0;
  for await (const page of pagesOf<ContentRecord>(operational, CONTENTS)) {
    for (const { value } of page) if (value.state !== 'gone') bytes += value.size;
    await nextTurn();
  }
  return bytes;
}
