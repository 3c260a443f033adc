import { interleaved, type Suite } from '../bench.js';
import { openInProcess } from '../inProcess.js';
import { moveTags, tagOf } from '../load/tags.js';
import { wrk } from '../load/wrk.js';
import { medianRatio } from '../statistics.js';
import { startTidemark, USER } from '../servers/tidemark.js';

const MANY = 100_000;
const PAGE = 100;
const MOST_TIMES = 2;

/** Design section 10: a tag list page of 100 in a repository of 100,000 tags, against one with 100. */
export const tagList: Suite = {
  name: 'tag-list',
  what: 'a page of 100 tags in a repository of 100,000, against one of 100',
  run: async (bench) => {
    const folder = await bench.folder('tidemark');
    const inside = await openInProcess(folder);
    inside.core.readModels.start();
    await moveTags(inside, 'few', PAGE, tagOf);
    await moveTags(inside, 'many', MANY, tagOf);
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
