import type { CommandContext } from '../../../commands/context.js';
import type { Caller, Subject } from '../../../domain/access.js';
import type { Scope } from '../../../domain/oauth/scopes.js';
import type { Timestamp } from '../../../domain/shared/time.js';
import type { CallSession } from '../../auth/callSession.js';

export type UserCaller = Extract<Caller, { kind: 'user' }>;

/** A request on its way to its endpoint: who asks is known, what he asks for is not read yet. */
export type Incoming = {
  readonly path: { readonly [name: string]: string };
  readonly search: URLSearchParams;
  readonly rawBody: Buffer;
  readonly contentType: string | undefined;
  /** Who asks, and how far his credential reaches. */
  readonly subject: Subject;
  /** Of an OAuth token; undefined for a session, which may do all that its user may. */
  readonly scopes: readonly Scope[] | undefined;
  readonly session: CallSession;
  /** For the events that come of it. */
  readonly context: CommandContext;
  readonly now: Timestamp;
  header(name: string): string | undefined;
};

/** What a handler sees: everything read, checked and found. */
export type Call<Path, Query, Body, Target> = Omit<Incoming, 'path'> & {
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
  /** What the endpoint's rule found: the signed-in user, the organization, the repository. */
  readonly target: Target;
};
