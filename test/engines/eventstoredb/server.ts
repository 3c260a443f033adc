import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { Faults } from './faults.js';
import { EventStoreDbStandIn } from './standIn.js';

/**
 * `node dist/test/engines/eventstoredb/server.js --port 2113 [--host 127.0.0.1] [--data FILE]`
 *
 * Says `listening HOST:PORT` when it does. Each line on its standard input is JSON: `{"faults":{…}}` changes the faults
 * (see `Faults`), `{"drop":"cancelled"}` or `{"drop":"too slow"}` ends the subscriptions; it answers `done`.
 */
const { values } = parseArgs({
  options: { port: { type: 'string' }, host: { type: 'string' }, data: { type: 'string' } },
});
const standIn = await EventStoreDbStandIn.start({
  port: Number(values.port ?? 0),
  ...(values.host === undefined ? {} : { host: values.host }),
  ...(values.data === undefined ? {} : { data: values.data }),
});
process.stdout.write(`listening ${standIn.host}:${standIn.port}\n`);

type Command = { readonly faults?: Partial<Faults>; readonly drop?: 'cancelled' | 'too slow' };

createInterface({ input: process.stdin }).on('line', (line) => {
  const { faults, drop } = JSON.parse(line) as Command;
  Object.assign(standIn.faults, faults);
  if (drop) standIn.dropSubscriptions(drop);
  process.stdout.write('done\n');
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void standIn.stop().then(() => process.exit(0));
  });
}
