import { upcast } from '../../../src/domain/catalogue.js';
import type { RecordedEvent } from '../../../src/domain/shared/envelope.js';
import { START } from '../../../src/domain/shared/ids.js';
import type { EventStore } from '../../../src/ports/eventStore.js';
import type { OperationalStore } from '../../../src/ports/operationalStore.js';
import { topicOf } from '../../../src/ports/eventBus.js';
import type { UploadRecord } from '../../../src/commands/uploads.js';
import { JOBS, jobKey, type JobRecord } from '../../../src/workers/jobs.js';
import { REPOSITORY_REMAINS } from '../../../src/workers/repositoryRemains.js';
import { contentOf, header } from '../../engines/kafkaBus.js';
import type { ApiClient } from '../../support/apiClient.js';
import { digestOf, type V2Client } from '../../support/v2client.js';
import type { Known } from './clients.js';

/** How many questions a check asks at once. */
const AT_ONCE = 6;

export type Node = { readonly name: string; readonly client: V2Client; readonly api: ApiClient };

/**
 * Compares what each of the nodes shows with what was acknowledged; what one of them shows of a thing that was not, all
 * others must show, from then on.
 *
 * @param what tags and repositories, as `Known` names them @returns what is wrong
 */
export async function check(nodes: readonly Node[], known: Known, what: Iterable<string>): Promise<readonly string[]> {
  const objections: string[] = [];
  for (const node of nodes) {
    const left = [...what];
    const look = async (): Promise<void> => {
      for (let key = left.pop(); key !== undefined; key = left.pop()) {
        const wrong = known.tags.has(key) ? await tag(node, known, key) : await repository(node, known, key);
        objections.push(...wrong.map((each) => `${node.name}: ${key} ${each}`));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, look));
  }
  return objections;
}

async function tag({ client }: Node, known: Known, key: string): Promise<readonly string[]> {
  const [name = '', reference = ''] = key.split(':');
  const possible = known.tags.get(key);
  const at = client.repository(name);
  const answer = await at.get(`manifests/${reference}`);
  if (answer.status !== 200 && answer.status !== 404) return [`is answered ${answer.status} ${answer.text}`];
  const seen = answer.status === 404 ? null : (answer.header('docker-content-digest') ?? 'no digest');
  if (!possible?.allows(seen)) return [`shows ${seen}, not ${possible?.values.join(' or ')}`];
  possible.settle(seen);
  if (seen === null) return [];
  const image = known.images.get(seen);
  if (!image?.bytes.equals(answer.body)) return ['has other bytes'];
  const wrong: string[] = [];
  for (const [digest] of image.blobs) {
    const blob = await at.get(`blobs/${digest}`);
    if (blob.status !== 200 || digestOf(blob.body) !== digest) wrong.push(`lacks ${digest}: ${blob.status}`);
  }
  return wrong;
}

async function repository({ api }: Node, known: Known, name: string): Promise<readonly string[]> {
  const possible = known.described.get(name);
  const { status, body } = await api.get(`/api/v1/repository/${name}`);
  if (status !== 200 && status !== 404) return [`is answered ${status}`];
  const has = typeof body === 'object' && body !== null && 'description' in body;
  const seen = status === 200 && has ? String(body.description) : null;
  if (!possible?.allows(seen)) return [`is ${seen}, not ${possible?.values.join(' or ')}`];
  possible.settle(seen);
  return [];
}

/** Everything in the log. @throws Error if an event is there twice, or a stream has a gap */
export async function logOf(store: Pick<EventStore, 'readAll'>): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  const [ids, revisions] = [new Set<string>(), new Map<string, number>()];
  for (let after = START; ;) {
    const page = await store.readAll(after, 1_000);
    const last = page.at(-1);
    if (!last) return events;
    for (const event of page) {
      const expected = (revisions.get(event.stream) ?? -1) + 1;
      if (ids.has(event.id)) throw new Error(`${event.id} is in the log twice`);
      if (event.revision !== expected) throw new Error(`${event.stream} has no revision ${expected}`);
      ids.add(event.id);
      revisions.set(event.stream, event.revision);
      events.push(event);
    }
    after = last.position;
  }
}

/** Each event is on its topic, and those of a stream come there for the first time in their order. @returns what is wrong */
export async function published(
  events: readonly RecordedEvent[],
  brokers: readonly string[],
  prefix: string,
): Promise<{ readonly objections: readonly string[]; readonly repetitions: number }> {
  const objections: string[] = [];
  let repetitions = 0;
  for (const topic of new Set(events.map(({ stream }) => topicOf(stream)))) {
    const first = new Map<string, string[]>();
    const seen = new Set<string>();
    for (const message of await contentOf(brokers, `${prefix}.${topic}`)) {
      const id = header(message, 'ce_id') ?? '';
      if (seen.has(id)) repetitions += 1;
      else first.set(String(message.key), [...(first.get(String(message.key)) ?? []), id]);
      seen.add(id);
    }
    const streams = Map.groupBy(
      events.filter(({ stream }) => topicOf(stream) === topic),
      ({ stream }) => stream,
    );
    for (const [stream, ofStream] of streams) {
      const [wanted, found] = [ofStream.map(({ id }) => id).join(), first.get(stream)?.join() ?? 'nothing'];
      if (wanted !== found) objections.push(`${topic}: ${stream} has ${found}, not ${wanted}`);
    }
  }
  return { objections, repetitions };
}

/** Each repository that was deleted had one job, which was done. @returns what is wrong, or not done yet */
export async function jobsOf(
  events: readonly RecordedEvent[],
  operational: OperationalStore,
): Promise<readonly string[]> {
  const objections: string[] = [];
  const deletions = events.filter((event) => upcast(event).type === 'RepositoryDeleted');
  const keys = deletions.map(({ id }) => jobKey({ kind: REPOSITORY_REMAINS, event: id }));
  for (const [index, job] of (await operational.getMany<JobRecord>(JOBS, keys)).entries()) {
    if (job?.value.state !== 'done') objections.push(`${keys[index]} is ${job?.value.state ?? 'not there'}`);
  }
  const deleted = new Set(deletions.map(({ stream }) => stream.slice(stream.indexOf('-') + 1)));
  for (const { key, value } of await operational.list<UploadRecord>('uploads', { limit: 10_000 })) {
    if (value.state === 'open' && deleted.has(value.owner.repositoryId)) objections.push(`upload ${key} is open`);
  }
  const all = await operational.list<JobRecord>(JOBS, { limit: 10_000 });
  const others = all.filter(({ key }) => !keys.includes(key));
  return [...objections, ...others.map(({ key }) => `${key} is a job without an event`)];
}
