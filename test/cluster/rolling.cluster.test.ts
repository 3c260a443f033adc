import { beforeAll, describe, expect, it } from '@jest/globals';
import { Load } from './load.js';
import { Latency, say } from './latency.js';
import { runningCluster } from './running.js';

// Longer than the balancer needs to notice.
const running = await runningCluster({ STOP_NOTICE: '1s', FEATURE_PROXY_STORAGE: 'true' });

(running ? describe : describe.skip)('a rolling restart', () => {
  if (!running) return;

  beforeAll(() => running.cluster.createUser('alice'));

  it('of every process fails no request', async () => {
    const { balancer, nodes } = running.cluster;
    const client = running.anywhere('alice');
    const load = new Load([1, 2, 3].map((number) => client.repository(`alice/app${number}`)));
    await load.more(5);
    const restarts = new Latency('restart of a process');
    for (const node of nodes) {
      await restarts.of(() => node.restart());
      await load.more(5);
    }
    await load.stop();
    restarts.print();
    const longest = Math.max(...load.acknowledged.map(({ begun, at }) => at - begun));
    say(`${load.acknowledged.length} images pushed meanwhile, the slowest in ${longest.toFixed(0)} ms`);
    expect(balancer.failures).toEqual([]);
    expect(load.failures).toEqual([]);
    expect(await load.lost()).toEqual([]);
    const verdicts = await running.verdicts();
    expect(verdicts).toEqual([]);
  });
});
