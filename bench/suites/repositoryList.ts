import type { Bench, Suite } from '../bench.js';
import { openInProcess, repositoryIn, type InProcess } from '../inProcess.js';
import { loadPages, type Page } from '../load/pages.js';
import { moveTags, tagOf } from '../load/tags.js';
import { signIn } from '../load/session.js';
import { medianRatio } from '../statistics.js';
import { PASSWORD, startTidemark, USER } from '../servers/tidemark.js';

const FEW = 10;
const MANY = 10_000;
/** Among the many of a namespace that is not his. */
const GRANTED = 100;
const CROWD = 'crowd';
/** In one repository of each namespace. */
const TAGS = 50;
const CONNECTIONS = 16;
const AT_ONCE = 64;
const MOST_TIMES = 2;

/** The list of repositories as the pages of the UI ask for it, signed in. */
export const repositoryList: Suite = {
  name: 'repository-list',
  what: 'GET /api/v1/repository?namespace=…&public=true, signed in, with 10 and 10,000 repositories',
  run: async (bench) => {
    const folder = await fill(bench);
    const server = await startTidemark({ folder, account: 'there' });
    try {
      const { port } = server;
      const [few, many] = [await signIn(port, USER, PASSWORD), await signIn(port, CROWD, PASSWORD)];
      const path = (namespace: string): string => `/api/v1/repository?namespace=${namespace}&public=true`;
      const tags = (namespace: string): string => `/api/v1/repository/${namespace}/${nameOf(0)}/tag/`;
      const pages = new Map<string, Page>([
        ['10 repositories', { port, path: path(USER), cookie: few }],
        ['10,000 repositories', { port, path: path(CROWD), cookie: many }],
        ['100 granted of 10,000', { port, path: path(CROWD), cookie: few }],
        ['tags, 10 repositories', { port, path: tags(USER), cookie: few }],
        ['tags, 10,000 repositories', { port, path: tags(CROWD), cookie: many }],
        ['10,000, last modified', { port, path: `${path(CROWD)}&last_modified=true`, cookie: many }],
      ]);
      const { perSecond, p99 } = await loadPages(bench, 'repository-list', CONNECTIONS, pages);
      const ratio = medianRatio(perSecond['10,000 repositories'] ?? [], perSecond['100 granted of 10,000'] ?? []);
      const text = `100 that he may see among 10,000 cost ≤ ${MOST_TIMES} × 100 of his own`;
      const bars = [{ text, measured: `${ratio.toFixed(2)} ×`, met: ratio <= MOST_TIMES }];
      const measure = `first page, ${CONNECTIONS} connections`;
      return [
        { suite: 'repository-list', measure, unit: 'requests/s', figures: perSecond, bars },
        { suite: 'repository-list', measure: `${measure}, p99`, unit: 'ms', figures: p99, bars: [] },
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
  // Creates both namespaces.
  for (const namespace of [USER, CROWD]) await moveTags(inside, nameOf(0), TAGS, tagOf, namespace);
  await createAll(inside, USER, FEW);
  await createAll(inside, CROWD, MANY);
  await grantSome(inside);
  await inside.close();
  bench.note(`repository-list: ${MANY} repositories are there`);
  return folder;
}

const nameOf = (number: number): string => `app-${String(number).padStart(5, '0')}`;

async function createAll(inside: InProcess, namespace: string, count: number): Promise<void> {
  for (let start = 1; start < count; start += AT_ONCE) {
    const length = Math.min(AT_ONCE, count - start);
    await Promise.all(Array.from({ length }, (_, index) => repositoryIn(inside, namespace, nameOf(start + index))));
  }
}

async function grantSome(inside: InProcess): Promise<void> {
  const { commands, queries } = inside.core;
  const account = await queries.accounts.byName(USER);
  if (!account) throw new Error(`there is no account ${USER}`);
  for (let number = 0; number < GRANTED; number++) {
    const id = await repositoryIn(inside, CROWD, nameOf(number * (MANY / GRANTED)));
    await commands.repositories.grant(id, { kind: 'user', id: account.id }, 'read', inside.context());
  }
}
