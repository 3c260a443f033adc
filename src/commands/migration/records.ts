import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../domain/shared/json.js';
import type { OperationalRecord, OperationalStore, OperationalWrite } from '../../ports/operationalStore.js';
import { ACCOUNT_CODES } from '../accountCodes.js';
import { AUTHORIZATION_CODES } from '../authorizations.js';
import { HOLDS } from '../contents.js';
import { LAST_USES } from '../lastUses.js';
import { LOGIN_FAILURES } from '../loginAttempts.js';
import { MAIL_COUNTS } from '../mailBrake.js';
import { REGISTRY_SIZE } from '../registrySize.js';
import { UPLOADS, type UploadRecord } from '../uploads.js';

const PAGE = 250;
/** What workers have to do; commands do not know them. */
const JOBS = 'jobs';

type Record = Pick<OperationalRecord, 'key' | 'value' | 'due'>;

/** What is copied, and what becomes of each record. Contents are copied with their bytes; places are found anew. */
const copied: ReadonlyMap<string, (record: Record) => Record> = new Map([
  ...[HOLDS, JOBS, REGISTRY_SIZE, LAST_USES, ACCOUNT_CODES, AUTHORIZATION_CODES, LOGIN_FAILURES, MAIL_COUNTS].map(
    (name) => [name, asItIs] as const,
  ),
  [UPLOADS, ended],
]);

export const COPIED_RECORDS: readonly string[] = [...copied.keys()];

function asItIs({ key, value, due }: Record): Record {
  return { key, value, due };
}

/** Its bytes stay behind: who goes on with it must learn that it is no more, and begin another. */
function ended(record: Record): Record {
  const { owner, algorithm } = record.value as UploadRecord;
  const value: UploadRecord = { state: 'ended', owner, offset: 0, digest: null, algorithm, step: null };
  return { key: record.key, value, due: record.due };
}

/** Makes the target's records those of the source. Versions begin anew. @returns how many there are */
export async function copyRecords(
  source: OperationalStore,
  target: OperationalStore,
  done: (count: number) => void,
): Promise<number> {
  let count = 0;
  for (const [collection, become] of copied) {
    for await (const page of pagesOf(source, collection)) {
      await target.write(await differences(target, collection, page.map(become)));
      count += page.length;
      done(count);
    }
    for await (const page of pagesOf(target, collection)) await removeOthers(source, target, collection, page);
  }
  return count;
}

/** How many records there are, and how many of them are not in the target as they should be. */
export async function compareRecords(
  source: OperationalStore,
  target: OperationalStore,
): Promise<{ readonly records: number; readonly differing: number }> {
  let [records, differing] = [0, 0];
  for (const [collection, become] of copied) {
    for await (const page of pagesOf(source, collection)) {
      records += page.length;
      differing += (await differences(target, collection, page.map(become))).length;
    }
  }
  return { records, differing };
}

/** Every record of a collection. */
export async function* pagesOf<Value extends JsonObject>(
  store: OperationalStore,
  collection: string,
): AsyncGenerator<readonly OperationalRecord<Value>[], void, undefined> {
  for (let after: string | undefined; ;) {
    const page = await store.list<Value>(collection, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    if (page.length > 0) yield page;
    after = page.at(-1)?.key;
    if (page.length < PAGE) return;
  }
}

export const isSameRecord = (there: Record | undefined, wanted: Record): boolean =>
  there?.due === wanted.due && isDeepStrictEqual(there.value, wanted.value);

async function differences(
  target: OperationalStore,
  collection: string,
  wanted: readonly Record[],
): Promise<OperationalWrite[]> {
  const there = await target.getMany(
    collection,
    wanted.map(({ key }) => key),
  );
  return wanted.flatMap((record, index): OperationalWrite[] =>
    isSameRecord(there[index], record) ? [] : [{ kind: 'put', collection, ...record }],
  );
}

async function removeOthers(
  source: OperationalStore,
  target: OperationalStore,
  collection: string,
  page: readonly OperationalRecord[],
): Promise<void> {
  const known = await source.getMany(
    collection,
    page.map(({ key }) => key),
  );
  await target.write(
    page.flatMap(({ key }, index): OperationalWrite[] => (known[index] ? [] : [{ kind: 'delete', collection, key }])),
  );
}
