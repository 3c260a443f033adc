// Follows a registry's repositories and writes down each push and each move of a tag, once.
import process from 'node:process';
import { Kafka, logLevel } from 'kafkajs';
import { describe } from './describe.js';
import { openJournal } from './journal.js';
import { openSchemas } from './schemas.js';

const {
  KAFKA_BROKERS = 'localhost:9092',
  KAFKA_TOPIC_PREFIX = 'tidemark',
  KAFKA_GROUP = 'example-consumer',
  JOURNAL = 'journal.jsonl',
} = process.env;

const journal = await openJournal(JOURNAL);
const schemas = openSchemas();
const kafka = new Kafka({ clientId: 'example-consumer', brokers: KAFKA_BROKERS.split(','), logLevel: logLevel.ERROR });
// Who is silent for ten seconds is replaced by another one of his group.
const consumer = kafka.consumer({ groupId: KAFKA_GROUP, sessionTimeout: 10_000 });

await consumer.connect();
await consumer.subscribe({ topics: [`${KAFKA_TOPIC_PREFIX}.repository`], fromBeginning: true });
await consumer.run({
  autoCommit: false,
  // What this throws, a registry that is away for instance, makes the message come again.
  eachMessage: async ({ topic, partition, message }) => {
    const event = eventOf(message);
    const faults = event ? await schemas.faultsIn(event) : ['it is no CloudEvent'];
    if (faults.length > 0) {
      // It would fail for ever. What must not be lost goes to a topic for such messages instead.
      process.stderr.write(`passed over ${topic}/${partition}/${message.offset}: ${faults.join('; ')}\n`);
    } else {
      // At least once: after a failure here or there the same event comes again.
      const text = describe(event);
      if (text && !journal.has(event.id)) {
        await journal.add({ id: event.id, text });
        process.stdout.write(`${text}\n`);
      }
    }
    // Only now, so that nothing is lost when this process ends before.
    await consumer.commitOffsets([{ topic, partition, offset: String(BigInt(message.offset) + 1n) }]);
  },
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    consumer.disconnect().then(() => process.exit(0));
  });
}

/** The parts of a CloudEvent in binary mode that are needed here; undefined: it is none. */
function eventOf({ headers = {}, value }) {
  const header = (name) => headers[name]?.toString();
  if (header('ce_specversion') !== '1.0' || !value) return undefined;
  const data = jsonOf(value.toString());
  const [id, type, schema] = [header('ce_id'), header('ce_type'), header('ce_dataschema')];
  if (!id || !type || !schema || data === undefined) return undefined;
  return {
    ...{ id, type, schema, data },
    version: Number(header('ce_schemaversion')),
    stream: header('ce_subject'),
    time: header('ce_time'),
    by: [header('ce_actorkind'), header('ce_actorid')].filter(Boolean).join(' '),
    via: header('ce_via'),
  };
}

function jsonOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
