import { describe, expect, it } from '@jest/globals';
import {
  includes,
  mayCreateIn,
  registryRole,
  roleIn,
  type AccessPolicy,
  type Caller,
  type RepositoryFacts,
} from './access.js';
import type { RepositoryState, Role, Visibility } from './repository/events.js';

const HERE = 'namespace-of-the-repository';
const ELSEWHERE = 'namespace-of-somebody-else';

const person = (changes: Partial<Extract<Caller, { kind: 'user' }>> = {}): Caller => ({
  kind: 'user',
  id: '1',
  name: 'ada',
  namespaceId: ELSEWHERE,
  superuser: false,
  readOnlySuperuser: false,
  restricted: false,
  ...changes,
});

const callers = {
  anonymous: { kind: 'anonymous' },
  stranger: person(),
  owner: person({ namespaceId: HERE }),
  superuser: person({ superuser: true }),
  'read-only superuser': person({ readOnlySuperuser: true }),
  'superuser in both lists': person({ superuser: true, readOnlySuperuser: true }),
  'owner who is a read-only superuser': person({ namespaceId: HERE, readOnlySuperuser: true }),
} satisfies Record<string, Caller>;
type Name = keyof typeof callers;

const names = Object.keys(callers) as Name[];
const grants: readonly (Role | undefined)[] = [undefined, 'read', 'write', 'admin'];
const visibilities: readonly Visibility[] = ['private', 'public'];
const states: readonly RepositoryState[] = ['NORMAL', 'READ_ONLY', 'MIRROR', 'ORG_MIRROR'];
const booleans = [true, false];
const policies: readonly AccessPolicy[] = booleans.flatMap((anonymousAccess) =>
  booleans.map((superusersFullAccess) => ({ anonymousAccess, superusersFullAccess })),
);

/** Of rights without a grant: private and public, with full access of superusers and without. */
const RIGHTS: {
  readonly [name in Name]: { readonly [visibility in Visibility]: readonly [full: Role | null, not: Role | null] };
} = {
  anonymous: { private: [null, null], public: ['read', 'read'] },
  stranger: { private: [null, null], public: ['read', 'read'] },
  owner: { private: ['admin', 'admin'], public: ['admin', 'admin'] },
  superuser: { private: ['admin', null], public: ['admin', 'read'] },
  'read-only superuser': { private: ['read', 'read'], public: ['read', 'read'] },
  'superuser in both lists': { private: ['read', 'read'], public: ['read', 'read'] },
  'owner who is a read-only superuser': { private: ['admin', 'admin'], public: ['admin', 'admin'] },
};

/** The rights that a caller has anyway; a grant adds to them, for those whom something can be granted to. */
function expected(
  name: Name,
  visibility: Visibility,
  granted: Role | undefined,
  policy: AccessPolicy,
): Role | undefined {
  if (name === 'anonymous') return policy.anonymousAccess && visibility === 'public' ? 'read' : undefined;
  const own = RIGHTS[name][visibility][policy.superusersFullAccess ? 0 : 1] ?? undefined;
  const RANKS: readonly (Role | undefined)[] = [undefined, 'read', 'write', 'admin'];
  return RANKS[Math.max(RANKS.indexOf(own), RANKS.indexOf(granted))];
}

type Case = readonly [
  caller: Name,
  visibility: Visibility,
  granted: string,
  policy: string,
  facts: RepositoryFacts,
  RoleCase,
];
type RoleCase = { readonly role: Role | undefined; readonly policy: AccessPolicy };

const cases: readonly Case[] = names.flatMap((name) =>
  visibilities.flatMap((visibility) =>
    grants.flatMap((granted) =>
      policies.map((policy): Case => {
        const facts = { namespaceId: HERE, visibility, state: 'NORMAL', granted } as const;
        const role = expected(name, visibility, granted, policy);
        return [name, visibility, granted ?? 'nothing', JSON.stringify(policy), facts, { role, policy }];
      }),
    ),
  ),
);

describe('rights in a repository', () => {
  it.each(cases)('of %s, %s, granted %s, with %s', (name, _visibility, _granted, _policy, facts, { role, policy }) => {
    expect(roleIn(callers[name], facts, policy)).toBe(role);
    for (const state of states) {
      // Reading is all that is left in a repository that takes no pushes, whoever asks.
      const registry = state === 'NORMAL' || role === undefined ? role : 'read';
      expect([state, registryRole(callers[name], { ...facts, state }, policy)]).toEqual([state, registry]);
    }
  });
});

describe('a role', () => {
  it.each<[Role | undefined, Role[]]>([
    [undefined, []],
    ['read', ['read']],
    ['write', ['read', 'write']],
    ['admin', ['read', 'write', 'admin']],
  ])('of %s includes %j', (held, included) => {
    expect((['read', 'write', 'admin'] as const).filter((needed) => includes(held, needed))).toEqual(included);
  });
});

describe('creating repositories', () => {
  const full: AccessPolicy = { anonymousAccess: true, superusersFullAccess: true };
  const limited: AccessPolicy = { ...full, superusersFullAccess: false };

  it.each<[string, Caller, boolean, AccessPolicy]>([
    ['nobody who did not log in', { kind: 'anonymous' }, false, full],
    ['the owner of the namespace', person({ namespaceId: HERE }), true, limited],
    ['no stranger', person(), false, full],
    ['a superuser with full access', person({ superuser: true }), true, full],
    ['no superuser without full access', person({ superuser: true }), false, limited],
    ['no read-only superuser', person({ superuser: true, readOnlySuperuser: true }), false, full],
    ['a read-only superuser in his own namespace', person({ namespaceId: HERE, readOnlySuperuser: true }), true, full],
    ['no restricted user, not even at home', person({ namespaceId: HERE, restricted: true }), false, full],
    [
      'a superuser at home, whom no restriction concerns',
      person({ namespaceId: HERE, restricted: true, superuser: true }),
      true,
      limited,
    ],
  ])('is for %s', (_, caller, may, policy) => {
    expect(mayCreateIn(caller, HERE, policy)).toBe(may);
  });
});
