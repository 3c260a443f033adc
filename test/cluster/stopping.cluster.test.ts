import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PASSWORD, RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client } from '../support/v2client.js';
import { pushImage } from '../support/images.js';
import { ENGINES, FaultyEngines, type EngineName } from './faults/engines.js';
import { say } from './latency.js';

/** Longer than any container is given to end would be of no use. */
const MOST_SECONDS = 60;

const engines = await FaultyEngines.start();

(engines ? describe : describe.skip)('a process whose engines are gone', () => {
  if (!engines) return;
  let registry: RegistryProcess;

  beforeAll(async () => {
    registry = await RegistryProcess.start({ ...engines.settings, NODE_NAME: 'all' });
    await registry.run(['user', 'create', 'alice', '--password-stdin'], PASSWORD);
    await registry.restart();
  });
  beforeEach(() => pushImage(new V2Client(registry, 'alice').repository('alice/app'), 'v1'));
  afterEach(async () => {
    closeConnections();
    for (const engine of ENGINES) await engines.end(engine, 'cut');
    await registry.restart();
  });
  afterAll(async () => {
    await registry.stop();
    await engines.stop();
  });

  const stores: readonly EngineName[] = ['EventStoreDB', 'MongoDB'];
  const gone: readonly [string, readonly EngineName[], (engine: EngineName) => Promise<void>][] = [
    ['its stores refuse connections', stores, (engine) => engines.begin(engine, 'cut')],
    ['its stores are silent', stores, (engine) => engines.silence(engine)],
    ['nothing answers', ENGINES, (engine) => engines.silence(engine)],
  ];
  it.each(gone)('ends when it is asked to, and says what it could not write down: %s', async (what, lost, lose) => {
    const { child } = registry;
    const exited = once(child, 'exit');
    const before = registry.output.length;
    for (const engine of lost) await lose(engine);
    const begun = performance.now();
    child.kill('SIGTERM');
    const [code] = (await exited) as [number | null, NodeJS.Signals | null];
    const seconds = (performance.now() - begun) / 1000;
    const output = registry.output.slice(before);
    say(`${what}: ended after ${seconds.toFixed(1)} s with ${String(code)}`);
    // By itself, and not by a signal.
    expect([0, 1]).toContain(code);
    expect(seconds).toBeLessThan(MOST_SECONDS);
    // It could not take its own record away.
    expect(output).toContain('"what":"presence"');
    // Who ends with 1 has left something, and names it.
    expect(output.includes('could not be ended cleanly')).toBe(code === 1);
  });
});
