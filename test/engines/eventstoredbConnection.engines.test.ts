import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { openEventStoreDb } from '../../src/adapters/eventstore/eventstoredb/eventStoreDb.js';
import { START } from '../../src/domain/shared/ids.js';
import { newStream, readStream, sampleEvents } from '../../src/adapters/eventstore/sampleEvents.js';
import { StoreUnavailable } from '../../src/ports/errors.js';
import { freePort } from '../support/ports.js';
import { EventStoreDbStandIn } from './eventstoredb/standIn.js';

const credentials = { user: 'tidemark', password: 's3cret: ?@' };
const signedIn = `${credentials.user}:${encodeURIComponent(credentials.password)}`;

describe('a connection to EventStoreDB that fails', () => {
  const refusal = async (connection: string): Promise<unknown> => {
    const store = openEventStoreDb(connection);
    try {
      return await store.check().catch((error: unknown) => error);
    } finally {
      await store.close();
    }
  };

  it('says how to speak to a server without TLS', async () => {
    const standIn = await EventStoreDbStandIn.start({});
    expect(await refusal(`esdb://127.0.0.1:${standIn.port}`)).toEqual(
      new StoreUnavailable(
        'EventStoreDB: the server answers without TLS: if it has none, add ?tls=false to the connection string',
      ),
    );
    await standIn.stop();
  });

  it('says which server is away, and why', async () => {
    const port = await freePort();
    expect(await refusal(`esdb://127.0.0.1:${port}?tls=false`)).toEqual(
      new StoreUnavailable(`EventStoreDB: connect ECONNREFUSED 127.0.0.1:${port}`),
    );
    expect(await refusal('esdb://nowhere.invalid:2113?tls=false')).toEqual(
      new StoreUnavailable('EventStoreDB: Name resolution failed for target dns:nowhere.invalid:2113'),
    );
  });
});

describe('a connection to EventStoreDB that is secured', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-eventstoredb-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  let standIn: EventStoreDbStandIn;
  beforeAll(async () => {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const files = ['-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...subject], {
      stdio: 'ignore',
    });
    const tls = { key: readFileSync(key), certificate: readFileSync(certificate) };
    standIn = await EventStoreDbStandIn.start({ tls, credentials });
  });
  afterAll(async () => {
    await standIn.stop();
    rmSync(folder, { recursive: true });
  });

  const at = (user: string, query: string): string => `esdb://${user}127.0.0.1:${standIn.port}?${query}`;

  it('is opened with user, password and the authority that the connection string names', async () => {
    const store = openEventStoreDb(at(`${signedIn}@`, `tls=true&tlsCAFile=${encodeURIComponent(certificate)}`));
    await store.check();
    const stream = newStream();
    await store.append(stream, sampleEvents(2), 'no-stream');
    expect(await readStream(store, stream)).toHaveLength(2);
    await store.close();
  });

  it('is opened with authorities that are trusted anyway', async () => {
    const store = openEventStoreDb(at(`${signedIn}@`, 'tls=true'), {
      authorities: [readFileSync(certificate, 'utf8')],
    });
    await expect(store.check()).resolves.toBeUndefined();
    await store.close();
  });

  it.each([
    ['another password', 'tidemark:wrong@', true, /does not let this user in/],
    ['no user', '', true, /does not let this user in/],
    ['an authority that is not trusted', `${signedIn}@`, false, /certificate/],
  ])('is refused in one line for %s', async (_, user, isTrusted, reason) => {
    const query = isTrusted ? `tls=true&tlsCAFile=${encodeURIComponent(certificate)}` : 'tls=true';
    const store = openEventStoreDb(at(user, query));
    const checking = store.check();
    await expect(checking).rejects.toThrow(reason);
    await expect(checking).rejects.toThrow(/^EventStoreDB: [^\n]+$/);
    await expect(checking).rejects.toThrow(StoreUnavailable);
    const stream = newStream();
    await expect(store.append(stream, sampleEvents(1), 'no-stream')).rejects.toThrow(StoreUnavailable);
    const following = store.subscribeAll(START, new AbortController().signal);
    if (isTrusted) await expect(following.next()).rejects.toThrow(StoreUnavailable);
    await store.close();
  });

  it('is refused in one line without TLS', async () => {
    const store = openEventStoreDb(at(`${signedIn}@`, 'tls=false'));
    await expect(store.check()).rejects.toThrow(/^EventStoreDB: [^\n]+$/);
    await store.close();
  });
});
