import { interleaved, type Suite } from '../bench.js';
import { Generator } from '../load/generatorProcess.js';
import { OURS, times, type Row } from '../report.js';
import { PEERS, withContenders } from '../servers/contenders.js';
import { CpuCosts } from '../servers/cpuTime.js';
import { settle } from '../settle.js';
import { median } from '../statistics.js';

const LAYER_BYTES = 1024;

/** Design section 10: small push, durable. Five requests: POST and PUT of a config and of a layer, PUT of the manifest. */
export const smallPush: Suite = {
  name: 'small-push',
  what: 'pushes of a config, a layer of 1 KiB, a manifest and a tag, 1 and 16 at a time',
  run: (bench) =>
    withContenders(bench, { suite: 'small-push' }, async (servers) => {
      const generator = new Generator();
      const rows: Row[] = [];
      for (const connections of [1, 16]) {
        const busy: number[] = [];
        const costs = new CpuCosts();
        const figures = await interleaved(bench, `${connections} at a time`, servers, async (server, round) => {
          await settle();
          const repository = `bench/push-${connections}-${round}`;
          const place = { port: server.port, repository, authorization: await server.authorization(repository) };
          const task = {
            kind: 'pushes',
            seconds: bench.seconds,
            layerBytes: LAYER_BYTES,
            connections,
            ...place,
          } as const;
          let rate = 0;
          await costs.of(server, async () => {
            const outcome = await generator.run(task);
            if (server.name === OURS) busy.push(outcome.busy);
            rate = outcome.done / outcome.seconds;
            return outcome.done;
          });
          return rate;
        });
        rows.push({
          suite: 'small-push',
          measure: `${connections} at a time`,
          unit: 'pushes/s',
          figures,
          bars: PEERS.map((peer) => times(figures, 3, peer)),
          notes: `the generator was busy ${Math.round(median(busy) * 100)} % of the time with tidemark; ${costs.text()}; peers do not make a push durable`,
        });
      }
      generator.close();
      return rows;
    }),
};
