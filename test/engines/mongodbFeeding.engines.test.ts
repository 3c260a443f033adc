import { afterAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { newSpec } from '../../src/adapters/documents/contract.js';
import { connectMongo } from '../../src/adapters/mongodb/client.js';
import { contents, feed, mongoLanes } from './mongoLanes.js';
import { Toxiproxy, type Line } from './toxiproxy.js';

const lanes = await mongoLanes();
const through = lanes?.engine.through;
const network = through ? await Toxiproxy.start() : undefined;

const EVENTS = 20;

if (lanes && network && through) {
  const { engine, open } = lanes;
  afterAll(() => network.stop());

  describe('read models fed by a bad line', () => {
    const harms: [string, (line: Line, fault: number) => Promise<void>][] = [
      ['loses answers', (line, fault) => line.breakAfter(40 + 30 * fault, ['down'])],
      ['loses half of what is sent', (line, fault) => line.breakAfter(150 + 120 * fault, ['up'])],
      ['is cut', (line) => line.cut()],
    ];
    it.each(harms)('show each event once when it %s', async (_, harm) => {
      const line = await network.to(new URL(engine.connection.replace('mongodb://', 'http://')));
      const client = await connectMongo(through(line.host));
      const spec = newSpec();
      try {
        const store = await open({ client });
        await feed(store, spec, 2);
        const met = new Set<number>();
        for (let until = 4; until <= EVENTS; until += 2) {
          await line.heal(); // what was not met is not added to
          await harm(line, until);
          await feed(store, spec, until, async () => {
            met.add(until);
            await line.heal();
          });
        }
        await line.heal();
        expect(met.size).toBeGreaterThan(5);
        await store.close();
      } finally {
        await line.heal();
        await client.close();
      }
      const reader = await open();
      const undisturbed = newSpec();
      await feed(reader, undisturbed, EVENTS);
      expect(await contents(reader, spec)).toEqual(await contents(reader, undisturbed));
    });
  });
} else {
  it.skip('read models on MongoDB behind a bad line: there is no server, or no Toxiproxy', () => undefined);
}
