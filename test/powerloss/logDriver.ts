import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { SqliteSmallContents } from '../../src/adapters/blobs/sqliteSmallContents.js';
import { newStream, sampleEvent } from '../../src/adapters/eventstore/sampleEvents.js';
import { openEmbeddedStores, type EmbeddedEngines } from '../../src/adapters/sqlite/embedded.js';
import { Acknowledgements } from './acknowledgements.js';
import type { LogNote } from './logNotes.js';
import { between, seeded, type Random } from './random.js';

/*
 * Works on the embedded stores from several clients at once, closes them, opens them again and goes on, and tells what
 * they acknowledged. Arguments: the folder to work in, the file to acknowledge in.
 */

const LANES = 6;
const ROUNDS = 12;

const [root = '', acks = ''] = process.argv.slice(2);
const notes = new Acknowledgements<LogNote>(acks);

const hashOf = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** Appends to one stream until it is told to stop: a lane knows its stream's revision. */
class Lane {
  readonly #stream = newStream();
  readonly #record = randomUUID();
  #revision = -1;
  #version = 0;

  constructor(readonly random: Random) {}

  async work(engines: EmbeddedEngines): Promise<void> {
    const contents = new SqliteSmallContents(engines.log);
    for (let round = 0; round < ROUNDS; round += 1) {
      // Several at once, so that they share commits.
      await Promise.all([this.#append(engines), this.#write(engines), this.#store(contents)]);
      if (this.random() < 0.3) await this.#seal(engines);
      // Long enough now and then for the log to be checkpointed while nobody asks for anything.
      if (this.random() < 0.1) await setTimeout(40);
    }
  }

  async #append({ events }: EmbeddedEngines): Promise<void> {
    const batch = Array.from({ length: between(this.random, 1, 3) }, () =>
      sampleEvent({ text: randomBytes(between(this.random, 1, 2_000)).toString('base64') }),
    );
    const { revision } = await events.append(this.#stream, batch, this.#revision < 0 ? 'no-stream' : this.#revision);
    this.#revision = revision;
    const hashes = batch.map(({ id, data }) => hashOf(id + JSON.stringify(data)));
    notes.say({ kind: 'appended', stream: this.#stream, revision, hashes });
  }

  async #write({ operational }: EmbeddedEngines): Promise<void> {
    const [version, key] = [this.#version + 1, this.#record];
    await operational.write([
      { kind: 'put', collection: 'sessions', key, value: { version }, expected: this.#version },
    ]);
    this.#version = version;
    notes.say({ kind: 'recorded', key, version });
    if (this.random() > 0.3) return;
    const passing = randomUUID();
    await operational.write([{ kind: 'put', collection: 'sessions', key: passing, value: { version: 1 } }]);
    notes.say({ kind: 'recorded', key: passing, version: 1 });
    notes.say({ kind: 'removing', key: passing });
    await operational.write([{ kind: 'delete', collection: 'sessions', key: passing }]);
    notes.say({ kind: 'removed', key: passing });
  }

  async #store(contents: SqliteSmallContents): Promise<void> {
    const key = randomUUID();
    const bytes = randomBytes(between(this.random, 0, this.random() < 0.2 ? 65_536 : 2_000));
    await contents.put(key, bytes);
    notes.say({ kind: 'stored', key, hash: hashOf(bytes) });
    if (this.random() > 0.2) return;
    notes.say({ kind: 'deleting', key });
    await contents.delete(key);
    notes.say({ kind: 'deleted', key });
  }

  async #seal({ keys }: EmbeddedEngines): Promise<void> {
    const subject = `account:${randomUUID()}`;
    const key = await keys.ensure(subject);
    notes.say({ kind: 'sealed', subject, hash: hashOf(key) });
    if (this.random() > 0.3) return;
    notes.say({ kind: 'destroying', subject });
    await keys.destroy(subject);
    notes.say({ kind: 'destroyed', subject });
  }
}

const lanes = Array.from({ length: LANES }, (_, index) => new Lane(seeded(index + 1)));
for (let start = 0; start < 3; start += 1) {
  const engines = await openEmbeddedStores({ folder: join(root, 'data') });
  await Promise.all(lanes.map((lane) => lane.work(engines)));
  await engines.close();
}
notes.close();
