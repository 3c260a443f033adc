import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { nothingThere, withLog, type ReadableLog } from '../../composition/logReading.js';
import { exportLog, openExport } from '../../commands/exportLog.js';
import { readExport } from '../../commands/readExport.js';
import { readLog } from '../../commands/readLog.js';
import { verifyLog } from '../../commands/verifyLog.js';
import type { Config } from '../../config/config.js';
import type { RecordedEvent } from '../../domain/shared/envelope.js';
import { position, START, type Position } from '../../domain/shared/ids.js';
import { timestamp } from '../../domain/shared/time.js';
import { createOutput } from '../output.js';
import { createProgress } from '../progress.js';
import { Refused } from '../refused.js';
import { settings } from '../settings.js';

type ListOptions = {
  readonly stream?: string;
  readonly type?: string;
  readonly after?: string;
  readonly limit: string;
  readonly json?: true;
};
type VerifyOptions = { readonly checkpoint?: string; readonly key?: string; readonly json?: true };

/** The log; reads beside a running registry, and changes nothing. */
export const eventsCommands = (): Command =>
  new Command('events')
    .description('the log of events')
    .addCommand(
      filtered(new Command('list').description('show events in the order in which they happened'))
        .option('--after <position>', 'begin after this position')
        .option('--limit <number>', 'at most so many', '50')
        .action(list),
    )
    .addCommand(filtered(new Command('tail').description('show events as they happen, until interrupted')).action(tail))
    .addCommand(
      new Command('export')
        .description('write the whole log to a file, one event a line; compressed if its name ends with .gz')
        .argument('<file>')
        .action(exportTo),
    )
    .addCommand(
      new Command('verify')
        .description('prove that no event was altered, removed or reordered; names the first one that was')
        .argument('[file]', 'an export; without it the log of the registry')
        .option('--checkpoint <file>', 'a checkpoint that was kept elsewhere: finds a log that was cut off')
        .option('--key <file>', 'the public key (PEM) that must have signed')
        .option('--json', 'answer as JSON')
        .action(verify),
    );

const filtered = (command: Command): Command =>
  command
    .option('--stream <name>', 'only this stream, or streams that begin so if it ends with *')
    .option('--type <type>', 'only events of this type')
    .option('--json', 'one event a line, whole');

async function list(options: ListOptions): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isSafeInteger(limit) || limit < 1) throw new Refused('--limit must be a number from 1 on');
  const after = options.after === undefined ? START : parsePosition(options.after);
  const config = settings();
  await withLog(config, async (events) => {
    let shown = 0;
    for await (const event of readLog(events, after)) {
      if (!matches(event, options)) continue;
      print(event, options.json === true);
      if (++shown === limit) return;
    }
    if (shown === 0) await noteNothing(config, events, options);
  });
}

const TAIL_MILLISECONDS = 200;

async function tail(options: Omit<ListOptions, 'limit'>): Promise<void> {
  const config = settings();
  await withLog(config, async (events) => {
    await noteNothing(config, events, options);
    for (let after = await events.end(); ;) {
      const page = await events.readAll(after, 256);
      for (const event of page) {
        if (matches(event, options)) print(event, options.json === true);
        after = event.position;
      }
      if (page.length === 0) await new Promise((resolve) => setTimeout(resolve, TAIL_MILLISECONDS));
    }
  });
}

async function noteNothing(config: Config, events: ReadableLog, { json }: Pick<ListOptions, 'json'>): Promise<void> {
  const nothing = await nothingThere(config, events);
  if (nothing !== undefined) createOutput({ json: json === true }).note(nothing);
}

/** Lets the whole log be read; nothing at all would look as if all were well. */
function withEvents<Result>(read: (events: ReadableLog) => Promise<Result>): Promise<Result> {
  const config = settings();
  return withLog(config, async (events) => {
    const nothing = await nothingThere(config, events);
    if (nothing !== undefined) throw new Refused(nothing);
    return read(events);
  });
}

async function exportTo(file: string): Promise<void> {
  await withEvents(async (events) => {
    const total = await events.eventCount();
    const progress = createProgress({ label: 'exporting', ...(total === undefined ? {} : { total }), unit: 'count' });
    await exportLog(watched(readLog(events, START), progress.update.bind(progress)), file, timestamp(Date.now()));
    progress.finish();
  });
  createOutput({ json: false }).note(`wrote ${file}`);
}

async function verify(file: string | undefined, options: VerifyOptions): Promise<void> {
  const trust = {
    ...(options.checkpoint === undefined ? {} : { checkpoint: await readFile(options.checkpoint, 'utf8') }),
    ...(options.key === undefined ? {} : { trustedKey: await readFile(options.key, 'utf8') }),
  };
  const progress = createProgress({ label: 'verifying', unit: 'count', json: options.json === true });
  const update = progress.update.bind(progress);
  const verification =
    file === undefined
      ? await withEvents((events) => verifyLog(watched(readLog(events, START), update), trust))
      : await verifyLog(watched(readExport(openExport(file)), update), trust);
  progress.finish();
  const output = createOutput({ json: options.json === true });
  // What a program may keep elsewhere is too long for a person.
  if (options.json) output.fields(verification);
  else
    output.fields({
      ...verification,
      lastCheckpoint: undefined,
      ...(verification.ok ? {} : { problem: verification.problem.message }),
    });
  if (!verification.ok) process.exitCode = 1;
  else if (options.checkpoint === undefined) output.note(CUT_OFF);
}

const CUT_OFF =
  'That no event at the end was cut off is proven only beside a checkpoint that was kept elsewhere: give it as ' +
  '--checkpoint. A running registry answers its newest at /api/v1/events/checkpoint.';

async function* watched(
  events: AsyncIterable<RecordedEvent>,
  update: (done: number) => void,
): AsyncIterable<RecordedEvent> {
  let count = 0;
  for await (const event of events) {
    yield event;
    if (++count % 1000 === 0) update(count);
  }
}

function matches(
  { stream, type }: RecordedEvent,
  wanted: { readonly stream?: string; readonly type?: string },
): boolean {
  if (wanted.type !== undefined && type !== wanted.type) return false;
  if (wanted.stream === undefined) return true;
  return wanted.stream.endsWith('*') ? stream.startsWith(wanted.stream.slice(0, -1)) : stream === wanted.stream;
}

function print(event: RecordedEvent, json: boolean): void {
  const { position: at, stream, revision, type, data, metadata } = event;
  const line = json
    ? JSON.stringify(event)
    : [Number(at), metadata.at, `${stream}@${revision}`, type, JSON.stringify(data)].join('  ');
  process.stdout.write(`${line}\n`);
}

function parsePosition(text: string): Position {
  if (!/^\d{1,20}$/.test(text)) throw new Refused(`a position is a number, not ${text}`);
  return position(BigInt(text));
}
