import type { Reach } from '../reach.js';
import { DomainError } from '../shared/errors.js';

/** How a client sees a scope: what a person is asked to grant (contract: conventions §5). */
export type ScopeInfo = {
  readonly title: string;
  readonly scope: Scope;
  readonly description: string;
  readonly icon: string;
  readonly dangerous: boolean;
};

export const SCOPES = [
  'repo:read',
  'repo:write',
  'repo:admin',
  'repo:create',
  'user:read',
  'user:admin',
  'org:admin',
  'super:user',
] as const;

/** What an access token may be used for. */
export type Scope = (typeof SCOPES)[number];

/** Somebody asked for a scope that does not exist, or for none. */
export class ScopeInvalid extends DomainError {
  readonly code = 'scope-invalid';
  constructor(text: string) {
    super(`Invalid scope: ${text}`);
  }
}

const LONGEST = 255;
const known: ReadonlySet<string> = new Set(SCOPES);
const isScope = (text: string): text is Scope => known.has(text);

/**
 * The scopes of a scope string, each once, in the order in which they were asked for.
 *
 * @param text separated by spaces; commas are taken too
 * @throws ScopeInvalid if one is unknown, or none is named
 */
export function parseScopes(text: string): readonly Scope[] {
  const named = text.split(/[ ,]+/).filter((each) => each !== '');
  if (text.length > LONGEST || named.length === 0 || !named.every(isScope))
    throw new ScopeInvalid(text.slice(0, LONGEST));
  return [...new Set(named)];
}

/** Whether `parseScopes` takes it. */
export function isScopeText(text: string): boolean {
  try {
    return parseScopes(text).length > 0;
  } catch (error) {
    if (error instanceof ScopeInvalid) return false;
    throw error;
  }
}

/** As scopes are kept in events and shown in answers: separated by single spaces. */
export const scopeText = (scopes: readonly Scope[]): string => scopes.join(' ');

const IMPLIED: { readonly [held in Scope]?: readonly Scope[] } = {
  'repo:write': ['repo:read'],
  'repo:admin': ['repo:write', 'repo:read'],
};

/** The scopes with those that they imply. */
export const impliedBy = (scopes: readonly Scope[]): ReadonlySet<Scope> =>
  new Set(scopes.flatMap((scope) => [scope, ...(IMPLIED[scope] ?? [])]));

/** Whether who holds these scopes needs nothing more for those. */
export function covers(held: readonly Scope[], wanted: readonly Scope[]): boolean {
  const all = impliedBy(held);
  return wanted.every((scope) => all.has(scope));
}

/** How far a token with these scopes carries its owner's rights; the best scope of each axis counts. */
export function reachOf(scopes: readonly Scope[]): Reach {
  const held = impliedBy(scopes);
  const best = <Power extends string>(...ladder: readonly (readonly [Scope, Power])[]): Power | undefined =>
    ladder.find(([scope]) => held.has(scope))?.[1];
  return {
    repository: best(['repo:admin', 'admin'], ['repo:write', 'write'], ['repo:read', 'read']),
    organization: best(['org:admin', 'admin'], ['repo:create', 'creator']),
    user: best(['user:admin', 'admin'], ['user:read', 'read']),
    superuser: held.has('super:user'),
  };
}

const FACTS: { readonly [scope in Scope]: Omit<ScopeInfo, 'scope'> } = {
  'repo:read': {
    title: 'View all visible repositories',
    description: 'The application will see and pull every repository that you can see.',
    icon: 'fa-hdd-o',
    dangerous: false,
  },
  'repo:write': {
    title: 'Read/Write to any accessible repositories',
    description: 'The application will see, pull from and push to every repository that you can push to.',
    icon: 'fa-hdd-o',
    dangerous: false,
  },
  'repo:admin': {
    title: 'Administer Repositories',
    description: 'The application will have full control of every repository that you administer.',
    icon: 'fa-hdd-o',
    dangerous: false,
  },
  'repo:create': {
    title: 'Create Repositories',
    description: 'The application will create repositories wherever you may create them.',
    icon: 'fa-plus',
    dangerous: false,
  },
  'user:read': {
    title: 'Read User Information',
    description: 'The application will read your account: your name and your e-mail address.',
    icon: 'fa-user',
    dangerous: false,
  },
  'user:admin': {
    title: 'Administer User',
    description: 'The application will administer your account, and may create and change whatever is yours.',
    icon: 'fa-gear',
    dangerous: true,
  },
  'org:admin': {
    title: 'Administer Organization',
    description:
      'The application will administer every organization that you administer: its teams, robots and members.',
    icon: 'fa-gear',
    dangerous: true,
  },
  'super:user': {
    title: 'Super User Access',
    description: 'The application will administer this whole registry, as far as you do.',
    icon: 'fa-street-view',
    dangerous: true,
  },
};

export const scopeInfo = (scope: Scope): ScopeInfo => ({ scope, ...FACTS[scope] });
