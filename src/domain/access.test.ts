import { describe, expect, it } from '@jest/globals';
import {
  ANONYMOUS,
  highestRole,
  highestTeamRole,
  includes,
  may,
  registryRole,
  roleIn,
  withoutPrivilege,
  type AccessPolicy,
  type Act,
  type Caller,
  type RepositoryFacts,
  type Subject,
} from './access.js';
import { reachOf, SCOPES, type Scope } from './oauth/scopes.js';
import { FULL_REACH } from './reach.js';
import type { RepositoryState, Role } from './repository/events.js';

const HERE = 'namespace-of-the-repository';
const ELSEWHERE = 'namespace-of-somebody-else';

const person = (changes: Partial<Extract<Caller, { kind: 'user' }>> = {}): Caller => ({
  ...{ kind: 'user', id: '1', name: 'ada', namespaceId: ELSEWHERE },
  ...{ superuser: false, readOnlySuperuser: false, restricted: false },
  ...changes,
});

const callers = {
  anonymous: ANONYMOUS.caller,
  stranger: person(),
  owner: person({ namespaceId: HERE }),
  'restricted owner': person({ namespaceId: HERE, restricted: true }),
  'restricted owner who is a superuser': person({ namespaceId: HERE, restricted: true, superuser: true }),
  superuser: person({ superuser: true }),
  'read-only superuser': person({ readOnlySuperuser: true }),
  'superuser in both lists': person({ superuser: true, readOnlySuperuser: true }),
  robot: { kind: 'robot', id: '2', name: 'org+ci', namespaceId: HERE },
} satisfies Record<string, Caller>;
type Name = keyof typeof callers;
const names = Object.keys(callers) as Name[];

const LIMITED: AccessPolicy = { anonymousAccess: true, superusersFullAccess: false };
const FULL: AccessPolicy = { anonymousAccess: true, superusersFullAccess: true };

const repository = (changes: Partial<RepositoryFacts> = {}): RepositoryFacts => ({
  ...{ namespaceId: HERE, visibility: 'private', state: 'NORMAL', membership: undefined, granted: undefined },
  ...changes,
});
const there = { namespaceId: HERE, membership: undefined } as const;

/** Everything that can be done, in a place where nothing was granted to anybody. */
const acts = {
  read: { on: 'repository', to: 'read', there: repository() },
  'read public': { on: 'repository', to: 'read', there: repository({ visibility: 'public' }) },
  write: { on: 'repository', to: 'write', there: repository({ visibility: 'public' }) },
  administer: { on: 'repository', to: 'admin', there: repository({ visibility: 'public' }) },
  'audit repository': { on: 'repository', to: 'audit', there: repository({ visibility: 'public' }) },
  'create repository': { on: 'namespace', to: 'create-repository', there },
  'see members': { on: 'namespace', to: 'see-members', there },
  'administer namespace': { on: 'namespace', to: 'administer', there },
  'audit namespace': { on: 'namespace', to: 'audit', there },
  'view team': { on: 'team', to: 'view', there: { ...there, inTeam: false } },
  'view own team': { on: 'team', to: 'view', there: { ...there, membership: 'member', inTeam: true } },
  'read self': { on: 'self', to: 'read' },
  'administer self': { on: 'self', to: 'admin' },
  'inspect instance': { on: 'instance', to: 'inspect' },
  'administer instance': { on: 'instance', to: 'administer' },
  'audit instance': { on: 'instance', to: 'audit' },
} satisfies Record<string, Act>;
type ActName = keyof typeof acts;
const actNames = Object.keys(acts) as ActName[];

const SELF = ['read public', 'view own team', 'read self', 'administer self'] as const;
const READER = [...SELF, 'read', 'audit repository', 'see members', 'audit namespace', 'view team'] as const;
const EVERYTHING_THERE = [...READER, 'write', 'administer', 'administer namespace', 'create repository'] as const;
const INSTANCE = ['inspect instance', 'administer instance'] as const;

/** What each caller may do, without and with full access of superusers (contract: conventions §6). */
const RIGHTS: { readonly [name in Name]: readonly [limited: readonly ActName[], full?: readonly ActName[]] } = {
  anonymous: [['read public']],
  stranger: [SELF],
  owner: [EVERYTHING_THERE],
  'restricted owner': [EVERYTHING_THERE.filter((act) => act !== 'create repository')],
  'restricted owner who is a superuser': [
    [...EVERYTHING_THERE, ...INSTANCE],
    [...EVERYTHING_THERE, ...INSTANCE, 'audit instance'],
  ],
  superuser: [
    [...SELF, ...INSTANCE],
    [...EVERYTHING_THERE, ...INSTANCE, 'audit instance'],
  ],
  'read-only superuser': [[...READER, 'inspect instance', 'audit instance']],
  'superuser in both lists': [[...READER, 'inspect instance', 'audit instance']],
  robot: [['read public', 'view own team']],
};

const subjectOf = (name: Name, scopes?: readonly Scope[]): Subject => ({
  caller: callers[name],
  reach: scopes ? reachOf(scopes) : FULL_REACH,
});

describe.each(names)('%s', (name) => {
  it.each(actNames)('and: %s', (act) => {
    const [limited, full = limited] = RIGHTS[name];
    expect(may(subjectOf(name), acts[act], LIMITED)).toBe(limited.includes(act));
    expect(may(subjectOf(name), acts[act], FULL)).toBe(full.includes(act));
  });
});

/** What an owner's token may do for him, by its one scope. */
const CARRIED: { readonly [scope in Scope]: readonly ActName[] } = {
  'repo:read': ['read', 'read public'],
  'repo:write': ['read', 'read public', 'write'],
  'repo:admin': ['read', 'read public', 'write', 'administer', 'audit repository'],
  'repo:create': ['read public', 'create repository', 'see members', 'view own team'],
  'org:admin': [
    ...(['read public', 'create repository', 'see members', 'administer namespace', 'audit namespace'] as const),
    ...(['view team', 'view own team'] as const),
  ],
  'user:read': ['read public', 'read self'],
  'user:admin': ['read public', 'read self', 'administer self'],
  'super:user': ['read public'],
};

describe.each(SCOPES)("an owner's token with %s", (scope) => {
  it.each(actNames)('and: %s', (act) => {
    expect(may(subjectOf('owner', [scope]), acts[act], LIMITED)).toBe(CARRIED[scope].includes(act));
  });

  it('lets a superuser be one only if it says so', () => {
    expect(may(subjectOf('superuser', [scope]), acts['administer instance'], FULL)).toBe(scope === 'super:user');
    expect(may(subjectOf('superuser', [scope]), acts.administer, FULL)).toBe(scope === 'super:user');
  });

  it('lets a read-only superuser read whatever it says', () => {
    expect(may(subjectOf('read-only superuser', [scope]), acts['audit namespace'], LIMITED)).toBe(true);
  });
});

describe('what was granted in a repository', () => {
  const roles: readonly (Role | undefined)[] = [undefined, 'read', 'write', 'admin'];
  const grantable = ['stranger', 'robot', 'read-only superuser'] as const;

  it.each(grantable.flatMap((name) => roles.map((granted) => [name, granted] as const)))(
    'adds to what %s may do anyway: %s',
    (name, granted) => {
      const least = name === 'read-only superuser' ? 'read' : undefined;
      expect(roleIn(subjectOf(name), repository({ granted }), LIMITED)).toBe(granted ?? least);
      expect(roleIn(subjectOf(name), repository({ granted, visibility: 'public' }), LIMITED)).toBe(granted ?? 'read');
    },
  );

  it('is nothing beside the membership of a team that administers the organization', () => {
    expect(roleIn(subjectOf('stranger'), repository({ membership: 'admin', granted: 'read' }), LIMITED)).toBe('admin');
    expect(roleIn(subjectOf('robot'), repository({ membership: 'admin' }), LIMITED)).toBe('admin');
    expect(roleIn(subjectOf('stranger'), repository({ membership: 'creator' }), LIMITED)).toBeUndefined();
  });

  it('is carried as far as the token goes, but what is public stays so', () => {
    const granted = repository({ granted: 'admin' });
    expect(roleIn(subjectOf('stranger', ['repo:write']), granted, LIMITED)).toBe('write');
    expect(roleIn(subjectOf('stranger', ['user:admin']), granted, LIMITED)).toBeUndefined();
    expect(roleIn(subjectOf('stranger', ['user:admin']), { ...granted, visibility: 'public' }, LIMITED)).toBe('read');
  });

  it('is read alone in a repository that takes no pushes, whoever asks', () => {
    for (const state of ['READ_ONLY', 'MIRROR', 'ORG_MIRROR'] satisfies RepositoryState[]) {
      expect(registryRole(subjectOf('owner'), repository({ state }), LIMITED)).toBe('read');
      expect(registryRole(subjectOf('stranger'), repository({ state }), LIMITED)).toBeUndefined();
    }
    expect(registryRole(subjectOf('owner'), repository(), LIMITED)).toBe('admin');
  });

  it('is nothing to anonymous callers where those are not let in', () => {
    const policy = { ...LIMITED, anonymousAccess: false };
    expect(roleIn(ANONYMOUS, repository({ visibility: 'public' }), policy)).toBeUndefined();
  });
});

describe('a membership', () => {
  const inOrganization = (to: Extract<Act, { on: 'namespace' }>['to'], membership: 'member' | 'creator' | 'admin') =>
    may(subjectOf('stranger'), { on: 'namespace', to, there: { namespaceId: HERE, membership } }, LIMITED);

  it.each([
    ['member', ['see-members']],
    ['creator', ['see-members', 'create-repository']],
    ['admin', ['see-members', 'create-repository', 'administer', 'audit']],
  ] as const)('as %s allows %j', (membership, allowed) => {
    const all = ['see-members', 'create-repository', 'administer', 'audit'] as const;
    expect(all.filter((to) => inOrganization(to, membership))).toEqual(allowed);
  });
});

describe('of several roles', () => {
  it('the highest counts', () => {
    expect(highestRole(['read', 'admin', 'write'])).toBe('admin');
    expect(highestTeamRole(['member', 'creator'])).toBe('creator');
    expect([highestRole([]), highestTeamRole([])]).toEqual([undefined, undefined]);
    expect([includes('write', 'read'), includes('write', 'admin'), includes(undefined, 'read')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

it('a superuser without his privilege is anybody', () => {
  const subject = withoutPrivilege(subjectOf('superuser'));
  expect(may(subject, acts.administer, FULL)).toBe(false);
  expect(may(subject, acts['administer self'], FULL)).toBe(true);
});

it('nobody owns an organization, whatever namespace his account says is his', () => {
  const owner: Subject = { caller: callers.owner, reach: FULL_REACH };
  const there = repository({ isOrganization: true });
  expect(roleIn(owner, there, LIMITED)).toBeUndefined();
  expect(roleIn(owner, repository(), LIMITED)).toBe('admin');
  for (const to of ['create-repository', 'see-members', 'administer', 'audit'] as const) {
    expect(may(owner, { on: 'namespace', to, there }, LIMITED)).toBe(false);
    expect(may(owner, { on: 'namespace', to, there: repository() }, LIMITED)).toBe(true);
  }
});
