import { Server, ServerCredentials, type StatusObject } from '@grpc/grpc-js';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { freePort } from '../../support/ports.js';
import { Gate, type Credentials } from './answering.js';
import { Appends } from './appends.js';
import { BatchAppends } from './batchAppends.js';
import { gossip, supportedMethods, type Member } from './cluster.js';
import { Deletes } from './deletes.js';
import { noFaults, type Faults } from './faults.js';
import { EventLog } from './log.js';
import { Reads } from './reads.js';
import { cancelled, tooSlow } from './statuses.js';

/** The genuine server's default. */
const LARGEST_APPEND_BYTES = 1024 * 1024;

export type StandInOptions = {
  readonly host?: string;
  /** Absent: one that is free, and is not lent to others while a test has it closed. */
  readonly port?: number;
  /** File that keeps the log over restarts; without it the log is in memory only. */
  readonly data?: string;
  /** A log that several nodes share, as if they replicated it without delay. */
  readonly log?: EventLog;
  readonly tls?: { readonly key: Buffer; readonly certificate: Buffer };
  /** Who may come; undefined: everybody, as with `--insecure`. */
  readonly credentials?: Credentials;
};

/**
 * Stands for EventStoreDB 23.10: its own services over a real socket, for its unmodified clients. One node that leads,
 * unless its faults say otherwise.
 */
export class EventStoreDbStandIn {
  readonly faults: Faults = noFaults();
  /** What gossip says; undefined: this node alone. */
  members: readonly Member[] | undefined;
  /** How often it was asked for that. */
  gossips = 0;

  private constructor(
    private readonly server: Server,
    readonly log: EventLog,
    private readonly options: StandInOptions,
    credentials: Credentials | undefined,
  ) {
    const gate = new Gate(this.faults, credentials);
    this.#reads = new Reads(log, gate);
    const deletes = new Deletes(log, gate);
    server.addService(StreamsService, {
      read: this.#reads.answer,
      append: new Appends(log, gate, LARGEST_APPEND_BYTES).answer,
      batchAppend: new BatchAppends(log, gate, LARGEST_APPEND_BYTES).answer,
      delete: deletes.delete,
      tombstone: deletes.tombstone,
    });
    server.addService(ServerFeaturesService, { getSupportedMethods: supportedMethods });
    server.addService(GossipService, {
      read: gossip(() => {
        this.gossips += 1;
        return this.members ?? [{ host: this.host, port: this.port, isLeader: true }];
      }),
    });
  }

  readonly #reads: Reads;
  #port = 0;

  static async start(options: StandInOptions = {}): Promise<EventStoreDbStandIn> {
    const log = options.log ?? (await EventLog.open(options.data));
    const standIn = new EventStoreDbStandIn(new Server(), log, options, options.credentials);
    await standIn.#listen();
    return standIn;
  }

  get host(): string {
    return this.options.host ?? '127.0.0.1';
  }

  get port(): number {
    return this.#port;
  }

  /** For the client, without user and password. */
  get connection(): string {
    return `esdb://${this.host}:${this.port}?tls=${this.options.tls ? 'true' : 'false'}`;
  }

  /** Where each subscription so far began: it is given what lies after that position. */
  get subscribedAfter(): readonly number[] {
    return this.#reads.subscribedAfter;
  }

  /** Pages of the whole log that were asked for. */
  get logPages(): number {
    return this.#reads.logPages;
  }

  /** How many were sent by the subscriptions that run. */
  get checkpoints(): number {
    return [...this.#reads.subscriptions].reduce((sum, { checkpoints }) => sum + checkpoints, 0);
  }

  /** Ends all subscriptions as a node does that is shut down, or as it does with readers that are too slow. */
  dropSubscriptions(why: 'cancelled' | 'too slow' = 'cancelled'): void {
    const end: StatusObject = why === 'cancelled' ? cancelled() : tooSlow();
    for (const subscription of this.#reads.subscriptions) subscription.drop(end);
  }

  /** The subscriptions' next event is left out, and its place given as a checkpoint, before they are dropped. */
  misleadSubscriptions(): void {
    for (const subscription of this.#reads.subscriptions) subscription.mislead();
  }

  /** All connections break. A log that is shared stays open. */
  async stop(): Promise<void> {
    this.server.forceShutdown();
    if (!this.options.log) await this.log.close();
  }

  async #listen(): Promise<void> {
    const { tls } = this.options;
    const free = this.options.port ?? (await freePort());
    const credentials = tls
      ? ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.certificate }])
      : ServerCredentials.createInsecure();
    await new Promise<void>((resolve, reject) => {
      this.server.bindAsync(`${this.host}:${free}`, credentials, (error, port) => {
        this.#port = port;
        if (error) reject(error);
        else resolve();
      });
    });
  }
}
