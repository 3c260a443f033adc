import type { Bench, Suite } from '../bench.js';
import { openInProcess } from '../inProcess.js';
import { moveTags, tagOf } from '../load/tags.js';
import { loadPages, type Page } from '../load/pages.js';
import { signIn } from '../load/session.js';
import { medianRatio } from '../statistics.js';
import { PASSWORD, startTidemark, USER } from '../servers/tidemark.js';

const MANY = 100_000;
const FEW = 100;
const MANY_MOVES = 10_000;
const FEW_MOVES = 10;
const MOST_TIMES = 2;

/** What each measurement compares: the large one with the small one, by the names of its pages. */
const COMPARED = [
  ['history, 100 of 100,000 tags', 'history, 100 of 100 tags'],
  ['living, 100 of 100,000 tags', 'living, 100 of 100 tags'],
  ['one tag, 10 of 10,000 moves', 'one tag, 10 of 10 moves'],
] as const;

/** Pages of the API's list of tags must not cost more where there is more. */
export const tagPages: Suite = {
  name: 'tag-pages',
  what: 'pages of the API: 100,000 tags against 100; the history of a tag with 10,000 moves against 10',
  run: async (bench) => {
    const folder = await fill(bench);
    const server = await startTidemark({ folder, account: 'there' });
    try {
      const { port } = server;
      const cookie = await signIn(port, USER, PASSWORD);
      const page = (name: string, query: string): Page => ({
        ...{ port, cookie },
        path: `/api/v1/repository/${USER}/${name}/tag/?${query}`,
      });
      const pages = new Map<string, Page>([
        ['history, 100 of 100 tags', page('few', 'limit=100')],
        ['history, 100 of 100,000 tags', page('many', 'limit=100')],
        ['history, page 500', page('many', 'limit=100&page=500')],
        ['history, last page', page('many', 'limit=100&page=1000')],
        ['living, 100 of 100 tags', page('few', 'limit=100&onlyActiveTags=true')],
        ['living, 100 of 100,000 tags', page('many', 'limit=100&onlyActiveTags=true')],
        ['one tag, 10 of 10 moves', page('moved-few', 'limit=10&specificTag=latest')],
        ['one tag, 10 of 10,000 moves', page('moved-many', 'limit=10&specificTag=latest')],
      ]);
      const { perSecond, p99 } = await loadPages(bench, 'tag-pages', 1, pages);
      const bars = COMPARED.map(([large, small]) => {
        const ratio = medianRatio(perSecond[small] ?? [], perSecond[large] ?? []);
        const text = `${large} ≤ ${MOST_TIMES} × ${small}`;
        return { text, measured: `${ratio.toFixed(2)} ×`, met: ratio <= MOST_TIMES };
      });
      return [
        { suite: 'tag-pages', measure: 'one at a time', unit: 'requests/s', figures: perSecond, bars },
        { suite: 'tag-pages', measure: 'one at a time, p99', unit: 'ms', figures: p99, bars: [] },
      ];
    } finally {
      await server.stop();
    }
  },
};

async function fill(bench: Bench): Promise<string> {
  const folder = await bench.folder('tidemark');
  const inside = await openInProcess(folder);
  inside.core.readModels.start();
  await moveTags(inside, 'few', FEW, tagOf);
  await moveTags(inside, 'many', MANY, tagOf);
  const latest = (): string => 'latest';
  await moveTags(inside, 'moved-few', FEW_MOVES, latest);
  await moveTags(inside, 'moved-many', MANY_MOVES, latest);
  await inside.close();
  bench.note(`tag-pages: ${MANY} tags and ${MANY_MOVES} moves are there`);
  return folder;
}
