import { interleaved, type Suite } from '../bench.js';
import { repositoryAggregate } from '../../src/domain/repository/evolve.js';
import type { RepositoryEvent } from '../../src/domain/repository/events.js';
import { repositoryStream } from '../../src/commands/streamNames.js';
import { baseLayers, imageRecord, openInProcess, repositoryIn, type InProcess } from '../inProcess.js';
import { wrk } from '../load/wrk.js';
import { medianRatio } from '../statistics.js';
import { startTidemark, USER } from '../servers/tidemark.js';

const MANY = 100_000;
const PAGE = 100;
const TAGS_PER_APPEND = 500;
const MOST_TIMES = 2;

/** Design section 10: a tag list page of 100 in a repository of 100,000 tags, against one with 100. */
export const tagList: Suite = {
  name: 'tag-list',
  what: 'a page of 100 tags in a repository of 100,000, against one of 100',
  run: async (bench) => {
    const folder = await bench.folder('tidemark');
    const inside = await openInProcess(folder);
    inside.core.projector.start();
    await fill(inside, 'few', PAGE);
    await fill(inside, 'many', MANY);
    await inside.close();
    bench.note(`tag-list: ${MANY} tags are there`);

    const server = await startTidemark({ folder, account: 'there' });
    try {
      const page = (name: string, query: string) => ({ name, path: `/v2/${USER}/${name}/tags/list?n=${PAGE}${query}` });
      const subjects = new Map([
        ['100 tags', page('few', '')],
        ['100,000 tags, first page', page('many', '')],
        ['100,000 tags, a page in the middle', page('many', `&last=${tagOf(MANY / 2)}`)],
        ['100,000 tags, last page', page('many', `&last=${tagOf(MANY - PAGE - 1)}`)],
      ]);
      const figures = await interleaved(bench, 'tag-list', subjects, async ({ name, path }) => {
        const headers = { authorization: (await server.authorization(`${USER}/${name}`)) ?? '' };
        const load = {
          port: server.port,
          path,
          method: 'GET',
          headers,
          connections: 1,
          seconds: bench.seconds,
        } as const;
        return 1e6 / (await wrk(load)).perSecond;
      });
      const few = figures['100 tags'] ?? [];
      const worst = Math.max(...Object.values(figures).map((figure) => medianRatio(figure, few)));
      const text = `the slowest ≤ ${MOST_TIMES} × 100 tags`;
      const bars = [{ text, measured: `${worst.toFixed(2)} ×`, met: worst <= MOST_TIMES }];
      return [{ suite: 'tag-list', measure: 'a page of 100, one at a time', unit: 'µs a page', figures, bars }];
    } finally {
      await server.stop();
    }
  },
};

const tagOf = (number: number): string => `v${String(number).padStart(6, '0')}`;

/** Tags in bulk: many moves an append, all to one manifest. */
async function fill(inside: InProcess, name: string, tags: number): Promise<void> {
  const { streams } = inside.core;
  const stream = repositoryStream(await repositoryIn(inside, USER, name));
  const image = imageRecord(baseLayers());
  const pushed: RepositoryEvent = { type: 'ManifestPushed', data: image };
  await streams.decide(repositoryAggregate, stream, inside.context(), () => [pushed]);
  const moved = (number: number): RepositoryEvent => ({
    type: 'TagMoved',
    data: { tag: tagOf(number), digest: image.digest, previous: null, end: null },
  });
  for (let start = 0; start < tags; start += TAGS_PER_APPEND) {
    const length = Math.min(TAGS_PER_APPEND, tags - start);
    const moves = Array.from({ length }, (_, index) => moved(start + index));
    await streams.decide(repositoryAggregate, stream, inside.context(), () => moves);
  }
}
