import { createHash } from 'node:crypto';
import type { RecordedEvent } from '../../src/domain/shared/envelope.js';
import type { StreamName } from '../../src/domain/shared/ids.js';
import type { ExpectedLog } from './logNotes.js';
import type { Survivors } from './survivors.js';

const hashOf = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const hashOfEvent = ({ id, data }: RecordedEvent): string => hashOf(id + JSON.stringify(data));

/** What is wrong with stores that were opened after a loss of power, in words; nothing if all promises were kept. */
export async function violations(survivors: Survivors, expected: ExpectedLog): Promise<string[]> {
  return [
    ...(await brokenStreams(survivors, expected)),
    ...(await brokenRecords(survivors, expected)),
    ...brokenContents(survivors, expected),
    ...(await brokenKeys(survivors, expected)),
  ];
}

async function brokenStreams(survivors: Survivors, expected: ExpectedLog): Promise<string[]> {
  const check = async (stream: StreamName, hashes: readonly string[]): Promise<string[]> => {
    const found: string[] = [];
    const stored = await survivors.stream(stream);
    if (stored.some(({ revision }, index) => revision !== index)) found.push('a stream has gaps');
    const lost = hashes.filter((hash, revision) => {
      const event = stored[revision];
      return !event || hashOfEvent(event) !== hash;
    });
    if (lost.length > 0) found.push(`${lost.length} of ${hashes.length} events of a stream are lost or changed`);
    // The stream goes on where it ends.
    await survivors.append(stream, stored.length - 1);
    return found;
  };
  const streams = [...expected.events].map(([stream, hashes]) => check(stream as StreamName, hashes));
  return (await Promise.all(streams)).flat();
}

async function brokenRecords(survivors: Survivors, expected: ExpectedLog): Promise<string[]> {
  const found: string[] = [];
  for (const [key, version] of expected.records) {
    const record = await survivors.record(key);
    if (!record || record.version < version) found.push('an operational record is lost or old');
    else if (record.said !== record.version) found.push('an operational record holds something else');
  }
  for (const key of expected.removed) {
    if (await survivors.record(key)) found.push('a removed record is back');
  }
  return found;
}

function brokenContents(survivors: Survivors, expected: ExpectedLog): string[] {
  const found: string[] = [];
  for (const [key, hash] of expected.contents) {
    const bytes = survivors.content(key);
    if (!bytes || hashOf(bytes) !== hash) found.push('a small content is lost or changed');
  }
  for (const key of expected.deleted) if (survivors.content(key)) found.push('a deleted small content is back');
  return found;
}

async function brokenKeys(survivors: Survivors, expected: ExpectedLog): Promise<string[]> {
  const found: string[] = [];
  for (const [subject, hash] of expected.keys) {
    const key = await survivors.key(subject);
    if (!key || key === 'destroyed' || hashOf(key) !== hash) found.push('a key is lost or changed');
  }
  for (const subject of expected.destroyed) {
    if ((await survivors.key(subject)) !== 'destroyed') found.push('a destroyed key is back');
  }
  return found;
}
