import { section, used } from '../key.js';
import { words } from '../types/collections.js';
import { choice, count, flag, positive, secret, text } from '../types/scalars.js';
import { filledText, streamPrefix } from '../types/texts.js';

/** What one machine does not need. */
export const engines = section('Engines and roles', {
  EVENT_STORE: used(
    choice('embedded', 'eventstoredb'),
    'embedded',
    'engine of the event log; `eventstoredb` needs `READ_STORE: mongodb` and `EVENT_BUS: kafka`',
  ),
  EVENTSTORE_CONNECTION: used(
    secret(filledText),
    undefined,
    'connection string of EventStoreDB: nodes, TLS, user and password (`esdb://…`, `esdb+discover://…`)',
  ),
  EVENTSTORE_STREAM_PREFIX: used(
    streamPrefix,
    undefined,
    'letters, digits and `_` (only digits: in quotes): streams are called `<prefix>.<name>` there, for several registries ' +
      'in one database; never to be changed',
  ),
  READ_STORE: used(
    choice('embedded', 'mongodb'),
    'embedded',
    'engine of the read models, the operational records and the keys; `mongodb` needs `EVENT_STORE: eventstoredb`',
  ),
  MONGODB_CONNECTION: used(secret(filledText), undefined, 'connection string of MongoDB (`mongodb://…`)'),
  MONGODB_DATABASE: used(
    filledText,
    'tidemark',
    'database of the read models; `<name>-operational` and `<name>-keys` lie beside it',
  ),
  EVENT_BUS: used(
    choice('embedded', 'kafka'),
    'embedded',
    'how events reach workers and other systems; `kafka` is possible beside the embedded log, too',
  ),
  KAFKA_BROKERS: used(words(filledText, 1), undefined, 'brokers to begin with, as `host:port`'),
  KAFKA_TLS: used(flag, false, 'TLS to the brokers; authorities in `extra_ca_certs` are trusted'),
  KAFKA_SASL_MECHANISM: used(
    choice('plain', 'scram-sha-256', 'scram-sha-512'),
    undefined,
    'how to sign in to the brokers; absent: not at all',
  ),
  KAFKA_USERNAME: used(text, undefined, 'name for it'),
  KAFKA_PASSWORD: used(secret(text), undefined, 'password for it'),
  KAFKA_TOPIC_PREFIX: used(
    filledText,
    'tidemark',
    'topics are called `<prefix>.<category of stream>`; each registry needs its own, which nothing checks',
  ),
  KAFKA_PARTITIONS: used(positive, 12, 'partitions of a topic that is made'),
  KAFKA_REPLICATION_FACTOR: used(count, 0, "copies of a topic that is made; 0: the cluster's default"),
  ROLES: used(
    words(choice('api', 'projector', 'relay', 'worker'), 1),
    ['api', 'projector', 'relay', 'worker'],
    'what this process does; a part of them needs `EVENT_STORE: eventstoredb`',
  ),
  NODE_NAME: used(
    filledText,
    undefined,
    'how this process is called in leases and logs; absent: host name and process id',
  ),
  LEASE_SECONDS: used(positive, 10, 'a projector or relay that has been silent so long is replaced'),
});
