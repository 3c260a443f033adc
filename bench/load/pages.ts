import { interleaved, type Bench } from '../bench.js';
import { wrk } from './wrk.js';

/** What is asked for, as whom. */
export type Page = { readonly port: number; readonly path: string; readonly cookie: string };

export type PageFigures = {
  /** Requests answered a second. */
  readonly perSecond: Record<string, number[]>;
  /** Milliseconds in which 99 of 100 were answered. */
  readonly p99: Record<string, number[]>;
};

/** Loads every page once a round. */
export async function loadPages(
  bench: Bench,
  what: string,
  connections: number,
  pages: ReadonlyMap<string, Page>,
): Promise<PageFigures> {
  const p99: Record<string, number[]> = Object.fromEntries([...pages.keys()].map((name) => [name, []]));
  const named = new Map([...pages].map(([name, page]) => [name, { name, ...page }]));
  const perSecond = await interleaved(bench, what, named, async ({ name, port, path, cookie }, round) => {
    const headers = { cookie };
    const load = { port, path, method: 'GET', headers, connections, seconds: bench.seconds } as const;
    const loaded = await wrk(load);
    if (round >= 0) p99[name]?.push(loaded.p99);
    return loaded.perSecond;
  });
  return { perSecond, p99 };
}
