import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryStream } from '../../src/commands/streamNames.js';
import { Streams } from '../../src/commands/streams.js';
import type { Stores } from '../../src/composition/core.js';
import { repositoryAggregate } from '../../src/domain/repository/evolve.js';
import type { RepositoryId } from '../../src/domain/shared/ids.js';
import { newDatabaseName } from '../../test/engines/mongodb.js';
import type { Settings } from '../../test/support/registry.js';
import { interleaved, type Bench, type Suite } from '../bench.js';
import { baseLayers, openInProcess, openOnEngines, pushEvents, repositoryIn, type InProcess } from '../inProcess.js';
import { twoDigits, type Row } from '../report.js';
import { countedLines } from '../servers/countedEngines.js';
import { benchEngines, type BenchEngines } from '../servers/engines.js';
import { medianRatio } from '../statistics.js';

const REPOSITORIES = 16;
const PUSHES = 1_000;
/** FerretDB takes more than ten milliseconds for a document, and is given so few that no call takes too long. */
const PUSHES_TO_FERRETDB = 50;
const PUSHES_PER_APPEND = 10;
const TAGS = 40;
const EVENTS_PER_PUSH = 2;

type Inside = Pick<InProcess<Stores>, 'stores' | 'core' | 'context' | 'close'>;

/** One engine's log, with pushes in it. */
type Subject = {
  /** With read models that have seen nothing, or those that have seen all. */
  readonly open: (readModels: 'fresh' | 'present') => Promise<Inside>;
  readonly repositories: readonly RepositoryId[];
  /** Events of pushes in the log when it was filled. */
  readonly events: number;
};

/** What feeding all read models can do: catching up with a log, and beside pushes that wait for it. */
export const enginesProjection: Suite = {
  name: 'engines-projection',
  what: 'events fed to all read models, embedded and in MongoDB: catching up, and live',
  run: async (bench) => {
    const engines = await benchEngines();
    try {
      const settings = engines.settings();
      const pushes = engines.pids.has('ferretdb') ? PUSHES_TO_FERRETDB : PUSHES;
      const events = pushes * EVENTS_PER_PUSH;
      const subjects = new Map([
        ['embedded', await filled(bench, await embedded(bench), pushes)],
        ['MongoDB', await filled(bench, await onEngines(bench, settings), pushes)],
      ]);
      const rows = [
        await row(bench, `catching up with ${events} events`, subjects, engines, (subject) => caughtUp(subject)),
        await row(bench, `live, ${REPOSITORIES} pushes at a time`, subjects, engines, (subject) =>
          live(subject, bench.seconds),
        ),
      ];
      const calls = await callsOfCatchingUp(bench, engines, settings, events);
      return rows.map((each) => ({ ...each, notes: `${each.notes ?? ''}; ${calls}` }));
    } finally {
      await engines.stop();
    }
  },
};

async function row(
  bench: Bench,
  measure: string,
  subjects: ReadonlyMap<string, Subject>,
  { text }: BenchEngines,
  work: (subject: Subject) => Promise<number>,
): Promise<Row> {
  const figures = await interleaved(bench, `engines-projection, ${measure}`, subjects, work);
  const ratio = twoDigits(medianRatio(figures['MongoDB'] ?? [], figures['embedded'] ?? []));
  const notes = `MongoDB to embedded: ${ratio} ×; ${text}`;
  return { suite: 'engines-projection', measure, unit: 'events/s', figures, bars: [], notes };
}

type Openable = Pick<Subject, 'open'>;

async function embedded(bench: Bench): Promise<Openable> {
  const folder = await bench.folder('embedded');
  return {
    open: async (readModels) => {
      if (readModels === 'fresh') await rm(join(folder, 'readmodels'), { recursive: true, force: true });
      return openInProcess(folder);
    },
  };
}

async function onEngines(bench: Bench, settings: Settings): Promise<Openable> {
  const folder = await bench.folder('engines');
  let database = settings['MONGODB_DATABASE'] ?? '';
  return {
    open: (readModels) => {
      if (readModels === 'fresh') database = newDatabaseName();
      return openOnEngines(folder, { ...settings, MONGODB_DATABASE: database });
    },
  };
}

/** The projector follows while the repositories are made, and rests while the log is filled. */
async function filled(bench: Bench, { open }: Openable, pushes: number): Promise<Subject> {
  const inside = await open('present');
  const { core, stores } = inside;
  core.readModels.start();
  const repositories: RepositoryId[] = [];
  for (let number = 0; number < REPOSITORIES; number++)
    repositories.push(await repositoryIn(inside, 'bench', `app-${number}`));
  await core.readModels.close();
  const streams = new Streams({ events: stores.events, sealing: core.sealing, clock: core.clock, ids: core.ids });
  const base = baseLayers();
  for (let done = 0; done < pushes; done += PUSHES_PER_APPEND) {
    const id = repositories[(done / PUSHES_PER_APPEND) % REPOSITORIES];
    if (id === undefined) throw new Error('there is no repository');
    await streams.decide(repositoryAggregate, repositoryStream(id), inside.context(), () =>
      Array.from({ length: PUSHES_PER_APPEND }, (_, index) => pushEvents(base, `v${(done + index) % TAGS}`)).flat(),
    );
  }
  await inside.close();
  bench.note(`engines-projection: ${pushes} pushes are in the log`);
  return { open, repositories, events: pushes * EVENTS_PER_PUSH };
}

/** @returns events a second */
async function caughtUp({ open, events }: Pick<Subject, 'open' | 'events'>): Promise<number> {
  const inside = await open('fresh');
  const end = await inside.stores.events.end();
  const started = performance.now();
  inside.core.readModels.start();
  await inside.core.readModels.waitFor(end);
  const seconds = (performance.now() - started) / 1000;
  await inside.close();
  return events / seconds;
}

/** @returns events a second that were appended and shown */
async function live({ open, repositories }: Subject, seconds: number): Promise<number> {
  const inside = await open('present');
  const { core, context, stores } = inside;
  core.readModels.start();
  await core.readModels.waitFor(await stores.events.end());
  const streams = new Streams({ events: stores.events, sealing: core.sealing, clock: core.clock, ids: core.ids });
  const base = baseLayers();
  const started = performance.now();
  let events = 0;
  await Promise.all(
    repositories.map(async (id) => {
      for (let turn = 0; performance.now() - started < seconds * 1000; turn++) {
        const pushed = pushEvents(base, `v${turn % TAGS}`);
        const { position } = await streams.decide(repositoryAggregate, repositoryStream(id), context(), () => pushed);
        if (position !== null) await core.readModels.waitFor(position);
        events += pushed.length;
      }
    }),
  );
  const rate = events / ((performance.now() - started) / 1000);
  await inside.close();
  return rate;
}

/** One more round over lines that count, which take time themselves. */
async function callsOfCatchingUp(
  bench: Bench,
  engines: BenchEngines,
  settings: Settings,
  events: number,
): Promise<string> {
  if (!engines.events.own || !engines.mongo.through) return 'calls are only counted to engines started here';
  const lines = await countedLines(engines, 'bench');
  try {
    await caughtUp({ ...(await onEngines(bench, { ...settings, ...lines.settings })), events });
    const { calls, bytes } = lines.take().mongodb;
    const total = [...calls.values()].reduce((sum, count) => sum + count, 0);
    const perThousand = (total / events) * 1000;
    const kilobytes = bytes / events / 1024;
    return `catching up made ${Math.round(perThousand)} calls to MongoDB for 1,000 events, opening it among them, and ${kilobytes.toFixed(1)} KiB an event`;
  } finally {
    lines.close();
  }
}
