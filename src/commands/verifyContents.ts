import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Digest } from '../domain/shared/digest.js';
import { sideBySide } from '../concurrency/sideBySide.js';
import type { BlobStore } from '../ports/blobStore.js';
import { StoreUnavailable } from '../ports/errors.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { CONTENTS, storedAs, type ContentRecord, type Damage, type Stored } from './contentRecords.js';
import type { DamagedContents, Verdict } from './damagedContents.js';
import { checkBytes } from './migration/contentBytes.js';
import { pagesOf } from './migration/records.js';

/** How many contents are read side by side: they share a processor with whatever else the process does. */
const AT_ONCE = 2;
/** Findings that are named; of more only their number is told. */
const MOST_NAMED = 1_000;
/**
 * One object that the storage refuses (archived, or with a key that is denied) is no reason not to read the others. So many
 * in a row, and it is taken for away: each of them may have been waited for until its deadline.
 */
const MOST_UNANSWERED = 8;

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
  /** What the storage said when it was given up before all was looked at; null if all was. */
  readonly brokenOff: string | null;
};

export type VerifyContentsOptions = {
  readonly operational: OperationalStore;
  readonly blobs: Pick<BlobStore, 'stream'>;
  readonly damaged: DamagedContents;
  /** In bytes. */
  readonly progressed: (done: number, total: number) => void;
  /** Ends it with the next chunk that is read. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Reads and hashes every content, in constant memory, while the registry serves. What is damaged is marked, so that the
 * next push stores it anew; what was marked and is whole again may be read again.
 *
 * What the blob store fails to give is `unreadable`, and the next is read; the report says where it was given up.
 *
 * @throws StoreUnavailable if the records are away, and the signal's reason: what was found until then is marked
 */
export async function verifyContents(options: VerifyContentsOptions): Promise<ContentsReport> {
  const { operational, blobs, damaged, progressed, signal } = options;
  const total = await totalBytes(operational, signal);
  const counts = { contents: 0, bytes: 0, damaged: 0, mended: 0, unreadable: 0 };
  const findings: Finding[] = [];
  const find = (finding: Finding): void => {
    if (findings.length < MOST_NAMED) findings.push(finding);
  };
  let done = 0;
  const passed = (bytes: number): void => {
    signal?.throwIfAborted();
    progressed((done += bytes), total);
  };
  const look = async (content: Stored): Promise<Verdict> => {
    const bytes = { key: content, size: content.size };
    let reason = await checkBytes(blobs, bytes, passed);
    // Nobody else checks what comes over a network: one bit that turned on its way must not take a good content away.
    if (reason === 'altered') reason = await checkBytes(blobs, bytes, () => signal?.throwIfAborted());
    if (reason === undefined) return 'whole';
    const verdict = await damaged.examine(content, reason);
    if (verdict === 'whole') throw new Error('it seemed to be damaged, and did not when it was looked at again');
    return verdict;
  };
  /** In a row, of those side by side together. */
  let unanswered = 0;
  let brokenOff: string | null = null;
  const couldNotRead = async ({ digest }: Stored, error: unknown): Promise<void> => {
    signal?.throwIfAborted();
    const isUnanswered = error instanceof StoreUnavailable;
    // Who examines asks both stores. Without the records there is no going on: then this throws, too.
    if (isUnanswered) await operational.get(CONTENTS, digest);
    const detail = error instanceof Error ? error.message : String(error);
    counts.unreadable++;
    find({ digest, reason: 'unreadable', detail });
    if (isUnanswered && ++unanswered >= MOST_UNANSWERED) brokenOff ??= detail;
  };
  const verify = async (content: Stored): Promise<void> => {
    // Small contents and records of the embedded stores are there at once; whoever else is waiting must get a turn.
    await nextTurn();
    signal?.throwIfAborted();
    counts.contents++;
    counts.bytes += content.size;
    let verdict: Verdict;
    try {
      verdict = await look(content);
    } catch (error) {
      await couldNotRead(content, error);
      return;
    }
    unanswered = 0;
    if (verdict === 'whole') {
      if (await damaged.clear(content)) counts.mended++;
    } else if (verdict !== 'replaced') {
      counts.damaged++;
      find({ digest: content.digest, reason: verdict, detail: null });
    }
  };
  const goesOn = (): boolean => brokenOff === null;
  await sideBySide(readable(operational, goesOn), verify, AT_ONCE);
  return { ...counts, findings, brokenOff };
}

/** Contents of which there should be bytes, those that are marked included. */
async function* readable(
  operational: OperationalStore,
  goesOn: () => boolean,
): AsyncGenerator<Stored, void, undefined> {
  for await (const page of pagesOf<ContentRecord>(operational, CONTENTS)) {
    for (const { key, value } of page) {
      if (!goesOn()) return;
      // The keys of these records are digests.
      if (value.state !== 'gone') yield storedAs(key as Digest, value);
    }
  }
}

async function totalBytes(operational: OperationalStore, signal: AbortSignal | undefined): Promise<number> {
  let bytes = 0;
  for await (const page of pagesOf<ContentRecord>(operational, CONTENTS)) {
    for (const { value } of page) if (value.state !== 'gone') bytes += value.size;
    await nextTurn();
    signal?.throwIfAborted();
  }
  return bytes;
}
