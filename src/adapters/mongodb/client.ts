import {
  MongoBulkWriteError,
  MongoClient,
  MongoDriverError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoClientClosedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
  type MongoClientOptions,
  type TopologyDescription,
} from 'mongodb';
import { StoreUnavailable } from '../../ports/errors.js';
import { noticeLostSockets } from './lostSockets.js';

/** No call takes longer, whatever the network, the driver and the servers do. */
const DEADLINE_MILLISECONDS = 20_000;
/** Given in the address: take a server that is no member of a replica set, whose writes no other has. */
const ALLOW_STANDALONE = 'allowStandalone';

/**
 * Each step has a limit of its own; the driver repeats what failed on the way once. A write counts when a majority has
 * it in its journal, and a read sees nothing that could be lost again.
 */
const OPTIONS: MongoClientOptions = {
  appName: 'tidemark',
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 5_000,
  waitQueueTimeoutMS: 5_000,
  socketTimeoutMS: 15_000,
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 10_000 },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
};

/**
 * Connects to MongoDB. One client serves all stores of a process; who opened it closes it.
 *
 * @param connection `mongodb://…` or `mongodb+srv://…`; what it says of time limits and concerns is overruled
 * @param authorities certificates in PEM that TLS trusts, unless the connection string names a file of them
 * @throws StoreUnavailable if no server answers
 * @throws Error in one line if the address is wrong or the server is not one to trust writes to
 */
export async function connectMongo(connection: string, authorities?: readonly string[]): Promise<MongoClient> {
  const [address, query = ''] = connection.split('?', 2);
  const parameters = new URLSearchParams(query);
  const standalone = parameters.get(ALLOW_STANDALONE) === 'true';
  parameters.delete(ALLOW_STANDALONE);
  // Told whom to trust, the driver would not read that file; names of its options may be written in any case.
  const namesFile = [...parameters.keys()].some((name) => name.toLowerCase() === 'tlscafile');
  const client = newClient(
    parameters.size === 0 ? (address ?? '') : `${address ?? ''}?${parameters.toString()}`,
    authorities === undefined || namesFile ? {} : { ca: [...authorities] },
  );
  try {
    const hello = await reached('MongoDB', () => client.db('admin').command({ hello: 1 }));
    if (!standalone && hello['setName'] === undefined && hello['msg'] !== 'isdbgrid') {
      throw new Error('MongoDB is a single server: read models and records need a replica set, of one member at least');
    }
    return client;
  } catch (error) {
    await client.close();
    throw error;
  }
}

function newClient(address: string, trust: Pick<MongoClientOptions, 'ca'>): MongoClient {
  noticeLostSockets();
  try {
    return new MongoClient(address, { ...OPTIONS, ...trust });
  } catch (error) {
    // The driver and the parser that it uses have a class of that name each.
    if (error instanceof Error && (error.name === 'MongoParseError' || error instanceof URIError))
      throw new Error(`MONGODB_CONNECTION: ${error.message}`, { cause: error });
    throw error;
  }
}

/**
 * Does something with the server, within a time limit.
 *
 * @param what for the message: what cannot be reached
 * @throws StoreUnavailable if the server is away or did not answer in time; what was to be written may yet be
 */
export async function reached<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new StoreUnavailable(`${what} did not answer within ${DEADLINE_MILLISECONDS / 1000} s`));
  }, DEADLINE_MILLISECONDS);
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    if (isAway(error)) throw new StoreUnavailable(`${what} is away: ${messageOf(error)}`, { cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Codes by which a server says that it cannot answer now: steps down, shuts down, recovers, lacks a majority or time. */
const AWAY_CODES: ReadonlySet<number> = new Set([
  6, 7, 50, 64, 89, 91, 100, 133, 134, 189, 262, 317, 358, 384, 9001, 10107, 11600, 11601, 11602, 13435, 13436,
]);

/** What Node says of a socket whose other end is gone: the driver hands it on as it is if that is found out while it writes. */
const SOCKET_CODES: ReadonlySet<unknown> = new Set([
  ...['EPIPE', 'ECONNRESET', 'ECONNABORTED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN'],
  ...['ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_SOCKET_CLOSED'],
]);

/** The driver does not export the classes of its pool's errors. */
const POOL_ERRORS: ReadonlySet<string> = new Set(['MongoWaitQueueTimeoutError', 'MongoPoolClosedError']);

function isAway(error: unknown): boolean {
  if (error instanceof MongoNetworkError || error instanceof MongoServerSelectionError) return true;
  if (error instanceof MongoNotConnectedError || error instanceof MongoTopologyClosedError) return true;
  if (error instanceof MongoClientClosedError || error instanceof MongoWriteConcernError) return true;
  if (error instanceof MongoBulkWriteError && error.result.getWriteConcernError() !== undefined) return true;
  // A bulk wraps what the driver throws as if a server had said it.
  if (error instanceof MongoBulkWriteError && isAway(error.errorResponse)) return true;
  if (error instanceof MongoServerError) {
    return AWAY_CODES.has(Number(error.code)) || error.hasErrorLabel('RetryableWriteError');
  }
  if (error instanceof MongoDriverError) return POOL_ERRORS.has(error.name);
  return typeof error === 'object' && error !== null && 'code' in error && SOCKET_CODES.has(error.code);
}

function messageOf(error: unknown): string {
  if (error instanceof MongoServerSelectionError && error.reason)
    return `${error.message}${lackOf(error.reason, error.message)}`;
  return error instanceof Error ? error.message : String(error);
}

/** Why no server would do, where the driver only says that none did; as often the replica set is called otherwise. */
function lackOf({ servers, setName }: TopologyDescription, said: string): string {
  if (servers.size === 0 && setName !== null) return ` (no server belongs to a replica set ${setName})`;
  const seen = [...servers.values()]
    .filter(({ error }) => error?.message !== said)
    .map(({ address, type, error }) => `${address}: ${error?.message ?? type}`);
  return seen.length === 0 ? '' : ` (${seen.join('; ')})`;
}
