import { setTimeout as pause } from 'node:timers/promises';
import type { Metadata, StatusObject } from '@grpc/grpc-js';
import type { Faults } from './faults.js';
import { noLeader, notLeader, notReady, unauthenticated } from './statuses.js';

export type Credentials = { readonly user: string; readonly password: string };

/** A call that ends with an error of the protocol. */
export class Refused extends Error {
  constructor(readonly status: StatusObject) {
    super(status.details);
  }
}

/** What every call goes through first: the faults of the node, who asks, and whether it must be the leader. */
export class Gate {
  constructor(
    readonly faults: Faults,
    private readonly credentials: Credentials | undefined,
  ) {}

  /** @throws Refused */
  async pass(metadata: Metadata): Promise<void> {
    if (this.faults.delayMilliseconds > 0) await pause(this.faults.delayMilliseconds);
    if (this.faults.unavailable) throw new Refused(notReady());
    if (!this.#mayCome(metadata)) throw new Refused(unauthenticated());
    const { notLeader: leader } = this.faults;
    if (!leader || metadata.get('requires-leader')[0] !== 'true') return;
    throw new Refused(leader === 'nobody' ? noLeader() : notLeader(leader.host, leader.port));
  }

  #mayCome(metadata: Metadata): boolean {
    if (!this.credentials) return true;
    const { user, password } = this.credentials;
    return metadata.get('authorization')[0] === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }
}
