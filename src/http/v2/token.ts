import { ANONYMOUS, includes, type Subject } from '../../domain/access.js';
import { decodeBasic } from '../auth/basic.js';
import { LoginFailed, LoginLocked, type Login } from '../auth/login.js';
import type { Action, Grant, TokenSubject } from '../auth/tokens.js';
import type { CredentialRef } from '../../domain/shared/envelope.js';
import type { Identity } from '../../projections/identities.js';
import { readBody } from './body.js';
import { OciError } from './errors.js';
import type { Exchange } from './exchange.js';
import type { Registry } from './registry.js';
import { parseScopes, type RepositoryScope } from './scopes.js';

const FORM_BYTES = 64 * 1024;
const NO_STORE = ['Cache-Control', 'no-cache, no-store, must-revalidate'];

type Asked = { readonly scopes: readonly string[]; readonly service: string | null; readonly login: Login | undefined };

/** GET and POST of a token (contract: registry-v2 §4). */
export async function issueToken(registry: Registry, exchange: Exchange): Promise<void> {
  const asked = exchange.method === 'POST' ? await fromForm(registry, exchange) : await fromQuery(registry, exchange);
  const { tokens, authorization, settings, directory, identities, clock } = registry;
  const { service } = authorization;
  if (asked.service !== null && asked.service !== service) {
    throw new OciError(400, 'INVALID_REQUEST', `service must be ${service}`, { service: asked.service.slice(0, 300) });
  }
  const scopes = parseScopes(asked.scopes, settings.names, service);
  // Anonymous without a scope is a login without credentials (contract: registry-v2 §4.2).
  if (!asked.login && asked.scopes.every((scope) => scope === '')) throw authorization.challenge();
  if (!asked.login && !directory.policy.anonymousAccess)
    throw authorization.challenge(undefined, 'Anonymous access is not allowed');

  const identity = asked.login && (await identities.of(asked.login.credential));
  // Revoked or changed between the look at it and here.
  if (asked.login && identity?.generation !== asked.login.generation)
    throw unauthorized('Specified credentials are invalid');
  const subject = identity?.subject ?? ANONYMOUS;
  const granted: Grant[] = [];
  for (const scope of scopes) granted.push(await grantOf(registry, subject, scope));
  const now = new Date(clock.now());
  const token = await tokens.issue(bearerOf(identity, asked.login?.credential), nameOf(subject), granted, now);
  const body = {
    token,
    access_token: token,
    expires_in: tokens.lifetimeSeconds,
    issued_at: now.toISOString().replace(/\.\d+Z$/, 'Z'),
  };
  const scope = granted.map(({ name, actions }) => `repository:${name}:${actions.join(',')}`).join(' ');
  exchange.json(200, exchange.method === 'POST' ? { ...body, scope } : body, NO_STORE);
}

async function fromQuery({ credentials }: Registry, exchange: Exchange): Promise<Asked> {
  const { query } = exchange;
  const header = exchange.header('authorization');
  const login = header === undefined ? undefined : await loggedIn(() => credentials.fromBasic(header));
  const account = query.get('account');
  const named = header === undefined ? undefined : decodeBasic(header)?.username;
  if (account !== null && named !== undefined && account !== named)
    throw unauthorized('account does not match the credentials');
  return { scopes: query.getAll('scope'), service: query.get('service'), login };
}

/** The OAuth2 form (distribution: "OAuth2 token authentication"). Refresh tokens are not issued, hence not taken. */
async function fromForm({ credentials }: Registry, exchange: Exchange): Promise<Asked> {
  const form = new URLSearchParams(
    Buffer.from(await readBody(exchange.request, FORM_BYTES, 'a token request')).toString('utf8'),
  );
  const grantType = form.get('grant_type');
  if (grantType === 'refresh_token') throw unauthorized('Specified credentials are invalid');
  if (grantType !== 'password') throw new OciError(400, 'INVALID_REQUEST', 'grant_type must be password');
  const [username, password] = [form.get('username'), form.get('password')];
  if (username === null || password === null)
    throw new OciError(400, 'INVALID_REQUEST', 'username and password are required');
  const login = await loggedIn(() => credentials.login(username, password));
  return { scopes: form.getAll('scope'), service: form.get('service'), login };
}

/** Wrong credentials never become anonymous. */
async function loggedIn(login: () => Promise<Login>): Promise<Login> {
  try {
    return await login();
  } catch (error) {
    if (error instanceof LoginFailed) throw unauthorized(error.message);
    if (!(error instanceof LoginLocked)) throw error;
    const retry = { 'Retry-After': String(error.retryAfterSeconds) };
    throw new OciError(429, 'TOOMANYREQUESTS', error.message, {}, retry);
  }
}

const unauthorized = (message: string): OciError => new OciError(401, 'UNAUTHORIZED', message);

const nameOf = ({ caller }: Subject): string => (caller.kind === 'anonymous' ? '(anonymous)' : caller.name);

function bearerOf(identity: Identity | undefined, credential: CredentialRef | undefined): TokenSubject {
  const caller = identity?.subject.caller;
  if (!identity || !credential || !caller || caller.kind === 'anonymous') return { kind: 'anonymous' };
  return { kind: caller.kind, id: caller.id, credential, generation: identity.generation };
}

/** What of the wanted actions the caller may do now; the rest is silently dropped (contract: registry-v2 §4.4). */
async function grantOf(
  { directory }: Registry,
  subject: Subject,
  { name, requested, actions }: RepositoryScope,
): Promise<Grant> {
  const { path, moment } = requested;
  const found = await directory.repository(path.namespace, path.repository);
  const namespace = found?.namespace ?? (await directory.namespace(path.namespace));
  if (namespace?.disabled) {
    const message = `Namespace ${namespace.name} has been disabled. Please contact a system administrator.`;
    throw new OciError(405, 'DENIED', message);
  }
  if (!found) {
    const creates = namespace !== undefined && moment === null && (await directory.mayCreateIn(subject, namespace));
    return { name, repositoryId: null, actions: creates ? allowed(actions, ['push', 'pull', 'delete']) : [] };
  }
  const role = await directory.role(subject, found);
  const rights: Action[] = [];
  if (includes(role, 'write') && moment === null) rights.push('push');
  if (includes(role, 'read')) rights.push('pull');
  if (includes(role, 'write') && moment === null) rights.push('delete');
  if (includes(role, 'admin') && moment === null) rights.push('*');
  return { name, repositoryId: found.repository.id, actions: allowed(actions, rights) };
}

const allowed = (wanted: ReadonlySet<Action>, rights: readonly Action[]): Action[] =>
  rights.filter((right) => wanted.has(right));
