import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { openEventStoreDb } from '../../src/adapters/eventstore/eventstoredb/eventStoreDb.js';
import {
  follow,
  idsOf,
  newStream,
  readStream,
  sampleEvent,
  sampleEvents,
} from '../../src/adapters/eventstore/sampleEvents.js';
import { StoreUnavailable } from '../../src/ports/errors.js';
import type { EventEnvelope } from '../../src/domain/shared/envelope.js';
import { EventLog } from './eventstoredb/log.js';
import { EventStoreDbStandIn } from './eventstoredb/standIn.js';

describe('a cluster of EventStoreDB', () => {
  let log: EventLog;
  let nodes: [EventStoreDbStandIn, EventStoreDbStandIn];
  beforeEach(async () => {
    log = await EventLog.open();
    nodes = [await EventStoreDbStandIn.start({ log }), await EventStoreDbStandIn.start({ log })];
    lead(0);
  });
  afterEach(async () => {
    for (const node of nodes) await node.stop();
  });

  function lead(leader: 0 | 1): void {
    for (const [index, node] of nodes.entries()) {
      node.faults.notLeader = index === leader ? undefined : { host: nodes[leader].host, port: nodes[leader].port };
      node.members = nodes.map(({ host, port }, other) => ({ host, port, isLeader: other === leader }));
    }
  }
  const addresses = (): string => nodes.map(({ host, port }) => `${host}:${port}`).join(',');

  it('is asked for its leader where several nodes are named', async () => {
    lead(1);
    const store = openEventStoreDb(`esdb://${addresses()}?tls=false`);
    const stream = newStream();
    await store.append(stream, sampleEvents(2), 'no-stream');
    expect(await readStream(store, stream)).toHaveLength(2);
    await store.close();
  });

  it('is followed from a node that does not lead to the one that does, for every call', async () => {
    lead(1);
    const fresh = () => openEventStoreDb(nodes[0].connection);
    const stream = newStream();
    const start = await using(fresh(), (store) => store.end());
    const { position } = await using(fresh(), (store) => store.append(stream, sampleEvents(2), 'no-stream'));
    expect(await using(fresh(), (store) => readStream(store, stream))).toHaveLength(2);
    expect(await using(fresh(), (store) => store.readLast(stream))).toMatchObject({ position });
    expect(await using(fresh(), (store) => store.readAll(start, 5))).toHaveLength(2);
    expect(await using(fresh(), (store) => follow(store, start, [stream], 2))).toHaveLength(2);
  });

  it('may change its leader while events are appended and followed', async () => {
    const store = openEventStoreDb(`esdb://${addresses()}?tls=false`);
    const stream = newStream();
    const followed = follow(store, await store.end(), [stream], 60);
    const appended: EventEnvelope[] = [];
    for (let round = 0; round < 20; round++) {
      const events = sampleEvents(3);
      await store.append(stream, events, round === 0 ? 'no-stream' : round * 3 - 1);
      appended.push(...events);
      lead(round % 2 === 0 ? 1 : 0);
      if (round % 5 === 0) nodes[round % 2 === 0 ? 0 : 1].dropSubscriptions();
    }
    expect(idsOf(await followed)).toEqual(idsOf(appended));
    await store.close();
  });

  it('is not waited for where nobody leads', async () => {
    const store = openEventStoreDb(nodes[0].connection);
    nodes[0].faults.notLeader = 'nobody';
    await expect(store.append(newStream(), [sampleEvent()], 'no-stream')).rejects.toThrow(
      /^EventStoreDB: [^\n]*leader/,
    );
    await expect(store.check()).rejects.toThrow(StoreUnavailable);
    lead(0);
    await expect(store.check()).resolves.toBeUndefined();
    await store.close();
  });

  it('may lose a subscription while its leader is looked for in vain', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): unknown => unhandled.push(reason);
    process.on('unhandledRejection', note);
    const store = openEventStoreDb(`esdb://${addresses()}?tls=false&maxDiscoverAttempts=3`);
    const stream = newStream();
    const { position } = await store.append(stream, [sampleEvent()], 'no-stream');
    const [one, another] = [sampleEvent(), sampleEvent()];
    await store.append(stream, [one], 0);
    const batches = store.subscribeAll(position, new AbortController().signal);
    expect(idsOf((await batches.next()).value ?? [])).toEqual([one.id]);
    const next = batches.next();
    for (const node of nodes) [node.members, node.gossips] = [[], 0];
    nodes[0].faults.unavailable = true;
    const refused = expect(store.append(stream, [another], 1)).rejects.toThrow(/Failed to discover/);
    while (nodes.every(({ gossips }) => gossips === 0)) await setImmediate();
    nodes[0].dropSubscriptions();
    await refused;
    nodes[0].faults.unavailable = false;
    lead(0);
    await store.append(stream, [another], 1);
    expect(idsOf((await next).value ?? [])).toEqual([another.id]);
    await batches.return();
    await store.close();
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it('is found again after nobody could be asked for a while', async () => {
    const store = openEventStoreDb(`esdb://${addresses()}?tls=false&maxDiscoverAttempts=3`);
    const stream = newStream();
    const { revision, position } = await store.append(stream, sampleEvents(2), 'no-stream');
    const followed = follow(store, position, [stream], 1);
    const ports = nodes.map(({ port }) => port);
    for (const node of nodes) await node.stop();
    const away = await Promise.allSettled([
      store.append(stream, [sampleEvent()], revision),
      store.readLast(stream),
      store.end(),
      store.append(newStream(), [sampleEvent()], 'no-stream'),
    ]);
    for (const outcome of away) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
    }
    nodes = [
      await EventStoreDbStandIn.start({ log, port: ports[0] ?? 0 }),
      await EventStoreDbStandIn.start({ log, port: ports[1] ?? 0 }),
    ];
    lead(1);
    const event = sampleEvent();
    await store.append(stream, [event], revision);
    expect(idsOf(await followed)).toEqual([event.id]);
    await store.close();
  });
});

async function using<Store extends { close(): Promise<void> }, Result>(
  store: Store,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
