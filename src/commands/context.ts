import type { Actor, CredentialRef, Via } from '../domain/shared/envelope.js';

/** Who asks, with what, from where: what an event's metadata tells beside the fact itself. */
export type CommandContext = {
  readonly actor: Actor;
  readonly credential: CredentialRef | null;
  readonly via: Via;
  readonly asSuperuser: boolean;
  /** In clear here; sealed before it enters an event. */
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** One for all events of one request. */
  readonly correlationId: string;
};

/** What the registry does by itself: at start, by a worker, on the console. */
export const systemContext = (via: Via, correlationId: string): CommandContext => ({
  actor: { kind: 'system', id: null },
  credential: null,
  via,
  asSuperuser: false,
  ip: null,
  userAgent: null,
  correlationId,
});
