import type { Request } from 'express';
import type { CommandContext } from '../../commands/context.js';
import type { Subject } from '../../domain/access.js';
import type { CredentialRef } from '../../domain/shared/envelope.js';
import type { Ids } from '../../ports/clock.js';
import type { Identities } from '../../projections/identities.js';
import { Refused } from '../api/framework/problems.js';
import type { UserCaller } from '../api/framework/call.js';
import type { Authentication } from '../auth/authentication.js';
import { CallSession } from '../auth/callSession.js';
import { decodeBasic } from '../auth/basic.js';
import type { Credentials } from '../auth/credentials.js';
import { LoginFailed } from '../auth/login.js';
import { isToken, type Sessions } from '../auth/sessions.js';
import type { ClientAddress } from '../clientAddress.js';

/** A person who is there: with a session, or with name and password in the request itself. */
export type Person = { readonly subject: Subject; readonly caller: UserCaller; readonly context: CommandContext };

/** A request, read; who it is from is another question. */
export type Read = {
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  /** As if from nobody. */
  readonly context: CommandContext;
};

/** A browser's request, and who is there. */
export type Visit = Read & {
  readonly person: Person | undefined;
  readonly by: 'session' | 'basic' | 'nobody';
  readonly session: CallSession;
  /** Whether the request repeats the session's token, which no other site knows (conventions §3). */
  readonly isOwn: boolean;
};

export type VisitOptions = {
  readonly authentication: Authentication;
  readonly sessions: Sessions;
  readonly credentials: Pick<Credentials, 'password'>;
  readonly identities: Pick<Identities, 'of'>;
  readonly ids: Ids;
  readonly addressOf: ClientAddress;
};

export const readRequest = (options: Pick<VisitOptions, 'ids' | 'addressOf'>, request: Request): Read => ({
  query: new URL(request.originalUrl, 'http://here').searchParams,
  form: new URLSearchParams(typeof request.body === 'string' ? request.body : ''),
  context: contextOf(options, request),
});

/** @throws LoginLocked */
export async function readVisit(options: VisitOptions, request: Request): Promise<Visit> {
  const { query, form, context } = readRequest(options, request);
  const { sessions } = options;
  const { session: present, ...signedIn } = await options.authentication.of(undefined, request.get('cookie'));
  const header = request.get('authorization');
  const basic = header !== undefined && /^basic /i.test(header) ? await byPassword(options, header) : undefined;
  const session = CallSession.of(sessions, present);
  const given = query.get('_csrf_token') ?? form.get('_csrf_token') ?? request.get('x-csrf-token');
  const isOwn = present !== undefined && isToken(present.csrf, given ?? undefined);
  const read = { query, form, session, isOwn, context };
  // Who shows a password means that one, also when it is wrong.
  if (basic) return { ...read, by: 'basic', person: personOf(basic.subject, basic.credential, context) };
  const person = signedIn.by === 'session' ? personOf(signedIn.subject, signedIn.credential, context) : undefined;
  return { ...read, by: person ? 'session' : 'nobody', person };
}

type Shown = { readonly subject: Subject | undefined; readonly credential: CredentialRef | null };

async function byPassword({ credentials, identities }: VisitOptions, header: string): Promise<Shown> {
  try {
    // Grants are for people: robots and tokens, which come in the same way, cannot grant anything.
    const { username, password } = decodeBasic(header) ?? { username: '', password: '' };
    const { credential, generation } = await credentials.password(username, password);
    const identity = await identities.of(credential);
    return { subject: identity?.generation === generation ? identity.subject : undefined, credential };
  } catch (error) {
    if (error instanceof LoginFailed) return { subject: undefined, credential: null };
    throw error;
  }
}

function personOf(
  subject: Subject | undefined,
  credential: CredentialRef | null,
  context: CommandContext,
): Person | undefined {
  if (subject?.caller.kind !== 'user') return undefined;
  const { caller } = subject;
  return { subject, caller, context: { ...context, actor: { kind: 'user', id: caller.id }, credential } };
}

const contextOf = ({ ids, addressOf }: Pick<VisitOptions, 'ids' | 'addressOf'>, request: Request): CommandContext => ({
  actor: { kind: 'anonymous', id: null },
  credential: null,
  via: 'ui',
  asSuperuser: false,
  ip: addressOf(request),
  userAgent: request.get('user-agent') ?? null,
  correlationId: ids.next(),
});

/** @throws Refused who is asked, and who is not there cannot answer */
export function requireOwn({ isOwn, person }: Visit): void {
  if (isOwn) return;
  const who = person ? ` (authorized: user ${person.caller.name})` : '';
  throw new Refused(403, `CSRF token was invalid or missing.${who}`);
}
