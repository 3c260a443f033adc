/** A request that somebody else had us make, to wherever he said (design section 9). */
export type OutgoingRequest = {
  readonly url: string;
  /** Of the answer's body; a longer one is not read to its end. */
  readonly maximumBytes: number;
  /** For everything: redirects, connection, answer. */
  readonly timeoutMilliseconds: number;
};

export type OutgoingAnswer = { readonly status: number; readonly body: Buffer };

/**
 * Requests on a user's behalf. They reach public addresses, and private ones only where the configuration allows it;
 * what a name resolves to is checked, and the very address that was checked is connected to.
 */
export interface Outgoing {
  /** Follows redirects, each checked like the first. @throws DestinationRefused, OutgoingFailed */
  get(request: OutgoingRequest): Promise<OutgoingAnswer>;
}

/** The address may not be asked; the message says why. */
export class DestinationRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DestinationRefused';
  }
}

/** Nobody answered, or not in time, or with too much. */
export class OutgoingFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OutgoingFailed';
  }
}
