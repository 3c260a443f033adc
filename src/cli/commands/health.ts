import { request as plain, type IncomingMessage } from 'node:http';
import { request as overTls, type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { Argument, Command } from 'commander';
import type { Config } from '../../config/config.js';
import { Refused } from '../refused.js';
import { settings } from '../settings.js';

/** A process that takes longer is not well: who asks waits five seconds or more. */
const PATIENCE_MILLISECONDS = 4_000;

/** What the process of the same configuration says of itself, for whoever watches it on its own machine. */
export const healthCommand = (): Command =>
  new Command('health')
    .description('ask the process that runs here; ends with 1 unless it is well')
    .addArgument(
      new Argument('[what]', 'what it needs itself, what pushes and pulls need, or whether it takes requests')
        .choices(['instance', 'endtoend', 'ready', 'warning'])
        .default('instance'),
    )
    .action(async (what: string) => {
      const { status, body } = await answerOf(settings(), `/health/${what}`);
      process.stdout.write(`${body}\n`);
      if (status !== 200) process.exitCode = 1;
    });

type Answer = { readonly status: number | undefined; readonly body: string };

/** @throws Refused if nobody answers in time */
async function answerOf(config: Config, path: string): Promise<Answer> {
  const { HTTP_PORT: port } = config;
  if (port === 0) throw new Refused('HTTP_PORT is 0, any free port: which one it became is not known here');
  const host = ownAddress(config.HTTP_HOST);
  try {
    const response = await asked(isTls(config), { host, port, path });
    return { status: response.statusCode, body: await text(response) };
  } catch (error) {
    throw new Refused(`${host}:${port}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** TLS is spoken with no look at the certificate: its names are those by which others come. */
function asked(tls: boolean, to: RequestOptions): Promise<IncomingMessage> {
  const options = { ...to, agent: false, signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) };
  return new Promise((resolve, reject) => {
    const outgoing = tls ? overTls({ ...options, rejectUnauthorized: false }, resolve) : plain(options, resolve);
    outgoing.once('error', reject).end();
  });
}

const isTls = ({ PREFERRED_URL_SCHEME: scheme, EXTERNAL_TLS_TERMINATION: elsewhere }: Config): boolean =>
  scheme === 'https' && !elsewhere;

/** Who listens on every address is reached at the machine's own. */
const ownAddress = (listens: string): string =>
  listens === '0.0.0.0' ? '127.0.0.1' : listens === '::' ? '::1' : listens;
