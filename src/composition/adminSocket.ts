import { chmod, rm } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { ContentsReport } from '../commands/verifyContents.js';
import type { Position } from '../domain/shared/ids.js';
import { isJsonObject, type Json, type JsonObject } from '../domain/shared/json.js';
import type { Administration, NewUser, ProjectionStates, ProjectionVerdict, Progressed } from './administration.js';

/** Who may open the file may administer the registry: it is for its owner alone. */
const MODE = 0o600;
const BODY_BYTES = 64 * 1024;
/** unix(7): `sun_path` has 108 bytes, the last of which is zero. */
const LONGEST_PATH_BYTES = 107;
/** Nobody can see more often how far something is. */
const BETWEEN_TOLD_MS = 100;

/** Where the socket of the process lies that owns the stores in a data folder. */
export function adminSocketPath(dataPath: string): string {
  const path = join(dataPath, 'admin.sock');
  if (Buffer.byteLength(path) > LONGEST_PATH_BYTES)
    throw new Error(`DATA_PATH is too long: a socket's path has at most ${LONGEST_PATH_BYTES} bytes, ${path} has more`);
  return path;
}

type Answer = Json | undefined;
type Call = { readonly argument: JsonObject; readonly progressed: Progressed; readonly signal: AbortSignal };
type Operation = (administration: Administration, call: Call) => Promise<Answer>;

const operations: { readonly [name: string]: Operation } = {
  'create-user': (administration, { argument }) => administration.createUser(newUser(argument)),
  'projection-states': (administration) => administration.projectionStates(),
  rebuild: (administration, { argument: { projection }, progressed, signal }) =>
    administration.rebuild(typeof projection === 'string' ? projection : null, progressed, signal),
  'verify-projections': (administration, { progressed, signal }) =>
    administration.verifyProjections(progressed, signal),
  'verify-contents': (administration, { progressed, signal }) => administration.verifyContents(progressed, signal),
};

const newUser = (argument: JsonObject): NewUser => ({
  name: textIn(argument, 'name'),
  email: typeof argument['email'] === 'string' ? argument['email'] : null,
  password: textIn(argument, 'password'),
  superuser: argument['superuser'] === true,
});

function textIn(argument: JsonObject, member: string): string {
  const value = argument[member];
  if (typeof value !== 'string') throw new Error(`the request lacks ${member}`);
  return value;
}

/**
 * Offers the administration on a Unix socket: a call is a POST, its answer JSON lines of progress and one of the result.
 * What a caller asked for ends when he goes away, and when the socket is closed.
 *
 * @param clock milliseconds that never run backwards
 */
export async function openAdminSocket(
  dataPath: string,
  administration: Administration,
  clock: () => number = () => performance.now(),
): Promise<{ close(): Promise<void> }> {
  const path = adminSocketPath(dataPath);
  // Left behind by a process that died: the folder's lock says that nobody else can be listening.
  await rm(path, { force: true });
  const server = createServer((incoming, response) => {
    void serve(administration, incoming, response, clock);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    listenPrivately(server, path, resolve);
  });
  // A default ACL of the folder would have overridden the mask.
  await chmod(path, MODE);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** `listen` binds before it returns: with the mask, nobody else can connect before the file has its mode. */
function listenPrivately(server: Server, path: string, listening: () => void): void {
  const mask = process.umask(0o777 & ~MODE);
  try {
    server.listen(path, listening);
  } finally {
    process.umask(mask);
  }
}

async function serve(
  administration: Administration,
  incoming: IncomingMessage,
  response: ServerResponse,
  clock: () => number,
): Promise<void> {
  const line = (value: JsonObject): void => {
    response.write(`${JSON.stringify(value)}\n`);
  };
  const progress = new ToldProgress(line, () => response.writableNeedDrain, clock);
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  try {
    const name = (incoming.url ?? '').slice(1);
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation) throw new Error(`the running registry knows no operation ${name}: it may be of another version`);
    const argument = await argumentOf(incoming);
    const { progressed } = progress;
    const result = await operation(administration, { argument, progressed, signal: goneAway(response) });
    progress.finish();
    line({ result: result ?? null });
  } catch (error) {
    line({ error: error instanceof Error ? error.message : String(error) });
  }
  response.end();
}

/** Aborts when the caller ends the connection before he has his answer. */
function goneAway(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const leave = (): void => {
    if (!response.writableEnded) gone.abort(new Error('the caller has gone away'));
  };
  if (response.closed) leave();
  else response.once('close', leave);
  return gone.signal;
}

/**
 * Tells now and then how far something is. What a caller does not take, because he is halted, is left out: it must not
 * grow in the memory of the process that serves. The last word is kept for the end.
 */
class ToldProgress {
  #last: JsonObject | undefined;
  #toldAt = -Infinity;

  constructor(
    private readonly line: (value: JsonObject) => void,
    private readonly isFull: () => boolean,
    private readonly clock: () => number,
  ) {}

  readonly progressed: Progressed = (done, total) => {
    this.#last = { done, total };
    const now = this.clock();
    if (now - this.#toldAt < BETWEEN_TOLD_MS || this.isFull()) return;
    this.#toldAt = now;
    this.finish();
  };

  /** Tells what was told last, if nobody was told it. */
  finish(): void {
    if (this.#last) this.line(this.#last);
    this.#last = undefined;
  }
}

async function argumentOf(incoming: IncomingMessage): Promise<JsonObject> {
  let text = '';
  incoming.setEncoding('utf8');
  for await (const chunk of incoming) {
    text += String(chunk);
    if (text.length > BODY_BYTES) throw new Error('the request is too large');
  }
  const argument: unknown = JSON.parse(text);
  if (!isJsonObject(argument)) throw new Error('the request is no JSON object');
  return argument;
}

/** The administration of the process that listens on the socket; undefined if none does. */
export async function connectAdministration(dataPath: string): Promise<Administration | undefined> {
  const call = async (name: string, argument: JsonObject, progressed?: Progressed): Promise<unknown> => {
    const response = await post(adminSocketPath(dataPath), name, argument);
    for await (const text of createInterface({ input: response })) {
      const message: unknown = JSON.parse(text);
      if (!isJsonObject(message)) continue;
      if (typeof message['error'] === 'string') throw new Error(message['error']);
      if ('result' in message) return message['result'];
      if (typeof message['done'] === 'number' && typeof message['total'] === 'number')
        progressed?.(message['done'], message['total']);
    }
    throw new Error('the running registry broke off: look at its log');
  };
  try {
    await call('projection-states', {});
  } catch (error) {
    if (isNobodyThere(error)) return undefined;
    throw error;
  }
  // The other end is this same file: what it answers has the types that it declares.
  return {
    createUser: async (user) => (await call('create-user', user)) as { accountId: string },
    projectionStates: async () => (await call('projection-states', {})) as ProjectionStates,
    rebuild: async (projection, progressed) =>
      (await call('rebuild', { projection }, progressed)) as { position: Position },
    verifyProjections: async (progressed) => (await call('verify-projections', {}, progressed)) as ProjectionVerdict[],
    verifyContents: async (progressed) => (await call('verify-contents', {}, progressed)) as ContentsReport,
  };
}

function post(socketPath: string, name: string, argument: JsonObject): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, path: `/${name}`, method: 'POST' }, resolve);
    outgoing.once('error', reject);
    outgoing.end(JSON.stringify(argument));
  });
}

const isNobodyThere = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK'].includes(String(error.code));
