import { readFileSync } from 'node:fs';
import { EventStoreDBClient } from '@eventstore/db-client';
import type { ChannelCredentialOptions } from '@eventstore/db-client';
import {
  parseConnectionString,
  type ConnectionOptions,
} from '@eventstore/db-client/dist/Client/parseConnectionString.js';

/** Seconds that a node may take to say which nodes there are; the client's own default makes a search last minutes. */
const GOSSIP_SECONDS = 2;

/**
 * The client, with three of its habits of version 6.2 put right (docs/decisions/0040):
 *
 * - Appends go by `Append`, each with a deadline of its own. With `BatchAppend` all clients of the process share one
 *   table of answers: an error of one rejects the appends of all, an answer that comes afterwards throws where nobody
 *   can catch it, and an append that is never answered waits for ever.
 * - A failed search for the leader, met while a lost connection is put away, does not end the process.
 * - It can be closed.
 */
export class LogClient extends EventStoreDBClient {
  #channel: ReturnType<EventStoreDBClient['getChannel']> | undefined;

  /** @throws Error in one line, without user or password, if that is no connection string, or names files that cannot be read */
  static open(connection: string, authorities?: readonly string[]): LogClient {
    return new LogClient(parse(connection), authorities);
  }

  private constructor(options: ConnectionOptions, authorities: readonly string[] | undefined) {
    const [endpoint] = options.hosts;
    if (!endpoint) throw new Error('the connection string of EventStoreDB names no host');
    const { hosts, dnsDiscover, defaultCredentials, gossipTimeout = GOSSIP_SECONDS, ...others } = options;
    const settings = { ...others, gossipTimeout };
    const secrets = channelCredentials(options, authorities);
    if (dnsDiscover) super({ ...settings, discover: endpoint }, secrets, defaultCredentials);
    else if (hosts.length > 1) super({ ...settings, endpoints: hosts }, secrets, defaultCredentials);
    else super({ ...others, endpoint }, secrets, defaultCredentials);

    this.supports = () => Promise.resolve(false);
    const reconnect = this.handleError;
    // What it fails with is the next call's own error, too: nothing is lost here.
    this.handleError = (client, error) => reconnect(client, error).catch(() => undefined);
    const openChannel = this.getChannel;
    this.getChannel = () => (this.#channel = openChannel());
  }

  /** Ends all calls and the connection. */
  async close(): Promise<void> {
    await this.dispose();
    const [opened] = await Promise.allSettled([this.#channel]);
    if (opened.status === 'fulfilled') opened.value?.close();
  }
}

/**
 * The nodes that a connection string names, as `host:port`.
 *
 * @throws Error in one line, without user or password, if that is no connection string
 */
export const nodesOf = (connection: string): readonly string[] =>
  parse(connection).hosts.map(({ address, port }) => `${address}:${port}`);

/** The client's parser prints what it does not know, password included, and quotes what it cannot read. */
function parse(connection: string): ConnectionOptions {
  const [, query = ''] = connection.split('?');
  for (const key of new URLSearchParams(query).keys()) {
    if (!KNOWN.has(flat(key)))
      throw new Error(`the connection string of EventStoreDB has an option that is unknown or does nothing: ${key}`);
  }
  try {
    return parseConnectionString(connection);
  } catch {
    throw new Error('the connection string of EventStoreDB is not of the form esdb://user:password@host:2113?tls=true');
  }
}

const flat = (key: string): string => key.trim().toLowerCase().replace(/[_-]/g, '');

const KNOWN = new Set(
  [
    ...['userCertFile', 'userKeyFile', 'tls', 'tlsCAFile'],
    ...['maxDiscoverAttempts', 'discoveryInterval', 'gossipTimeout', 'nodePreference'],
    ...['connectionName', 'defaultDeadline', 'throwOnAppendFailure', 'keepAliveInterval', 'keepAliveTimeout'],
  ].map(flat),
);

function channelCredentials(
  { tls, tlsCAFile, userCertFile, userKeyFile }: ConnectionOptions,
  authorities: readonly string[] | undefined,
): ChannelCredentialOptions {
  if (tls === false) return { insecure: true };
  if ((userCertFile === undefined) !== (userKeyFile === undefined)) {
    throw new Error('the connection string of EventStoreDB must name userCertFile and userKeyFile together');
  }
  const trusted = tlsCAFile === undefined ? authorities?.join('\n') : fileAt('tlsCAFile', tlsCAFile);
  return {
    insecure: false,
    ...(trusted === undefined ? {} : { rootCertificate: Buffer.from(trusted) }),
    ...(userCertFile === undefined ? {} : { userCertFile: fileAt('userCertFile', userCertFile) }),
    ...(userKeyFile === undefined ? {} : { userKeyFile: fileAt('userKeyFile', userKeyFile) }),
  };
}

function fileAt(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`EventStoreDB: ${option} cannot be read: ${path}`, { cause: error });
  }
}
