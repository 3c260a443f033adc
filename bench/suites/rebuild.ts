import type { Bench, Suite } from '../bench.js';
import { repositoryStream } from '../../src/commands/streamNames.js';
import { Streams } from '../../src/commands/streams.js';
import { buildOnThread } from '../../src/composition/laneBuilding.js';
import { allProjections } from '../../src/composition/projections.js';
import { repositoryAggregate } from '../../src/domain/repository/evolve.js';
import type { RepositoryId } from '../../src/domain/shared/ids.js';
import { baseLayers, openInProcess, pushEvents, repositoryIn, type Base, type InProcess } from '../inProcess.js';
import { limit, OURS } from '../report.js';
import { median } from '../statistics.js';

const PUSHES = 70_000;
const REPOSITORIES = 50;
const PUSHES_PER_APPEND = 100;
/** A repository's tags are moved again and again. */
const TAGS = 40;
const LEAST_PER_SECOND = 50_000;
const MOST_ROUNDS = 3;

/** Design section 10: rebuild of all read models. */
export const rebuild: Suite = {
  name: 'rebuild',
  what: 'rebuild of all read models from a log of 210,000 events: pushes under a version and as latest',
  run: async (bench) => {
    const inside = await openInProcess(await bench.folder('rebuild'));
    try {
      await fill(bench, inside);
      const end = Number(await inside.stores.events.end());
      const each: Record<string, number[]> = {};
      const [inTurn, atOnce]: [number[], number[]] = [[], []];
      for (let round = 0; round < Math.min(bench.rounds, MOST_ROUNDS); round++) {
        inTurn.push(end / (await allInTurn(inside, each)));
        atOnce.push(end / (await allAtOnce(inside)));
        bench.note(
          `rebuild, round ${round + 1}: ${Math.round(inTurn.at(-1) ?? 0)} events/s, at once ${Math.round(atOnce.at(-1) ?? 0)}`,
        );
      }
      const single: [string, number[]][] = Object.entries(each).map(([name, seconds]) => [
        `only ${name}`,
        seconds.map((time) => end / time),
      ]);
      const figures = { [OURS]: inTurn, 'all at once': atOnce, ...Object.fromEntries(single) };
      const best = Math.max(median(inTurn), median(atOnce));
      const bars = [limit('least', LEAST_PER_SECOND, best, 'events/s')];
      return [{ suite: 'rebuild', measure: `all read models, ${end} events`, unit: 'events/s', figures, bars }];
    } finally {
      await inside.close();
    }
  },
};

/** The projector follows while the repositories are made, and rests while the log is filled. */
async function fill(bench: Bench, inside: InProcess): Promise<void> {
  const { core, stores } = inside;
  core.readModels.start();
  const repositories: { readonly id: RepositoryId; readonly base: Base }[] = [];
  for (let number = 0; number < REPOSITORIES; number++)
    repositories.push({ id: await repositoryIn(inside, 'bench', `app-${number}`), base: baseLayers() });
  await core.readModels.close();
  const streams = new Streams({ events: stores.events, sealing: core.sealing, clock: core.clock, ids: core.ids });
  for (let done = 0; done < PUSHES; done += REPOSITORIES * PUSHES_PER_APPEND) {
    for (const { id, base } of repositories) {
      await streams.decide(repositoryAggregate, repositoryStream(id), inside.context(), () =>
        Array.from({ length: PUSHES_PER_APPEND }, (_, index) => pushEvents(base, `v${index % TAGS}`, 'latest')).flat(),
      );
    }
    bench.note(`rebuild: ${done} of ${PUSHES} pushes are in the log`);
  }
}

/** @returns seconds */
async function allInTurn({ stores }: InProcess, each: Record<string, number[]>): Promise<number> {
  let total = 0;
  for (const projection of allProjections) {
    const started = performance.now();
    await buildOnThread(stores)(projection, () => undefined);
    const seconds = (performance.now() - started) / 1000;
    total += seconds;
    (each[projection.name] ??= []).push(seconds);
    await stores.documents.discardBuilds(projection.name);
  }
  return total;
}

/** Each in a thread of its own. @returns seconds */
async function allAtOnce({ stores }: InProcess): Promise<number> {
  const started = performance.now();
  await Promise.all(allProjections.map((projection) => buildOnThread(stores)(projection, () => undefined)));
  const seconds = (performance.now() - started) / 1000;
  for (const { name } of allProjections) await stores.documents.discardBuilds(name);
  return seconds;
}
