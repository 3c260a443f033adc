import { may, withoutPrivilege, type Act } from '../../../domain/access.js';
import type { Role } from '../../../domain/repository/events.js';
import type { Directory, FoundRepository } from '../../../projections/directory.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { Incoming, UserCaller } from './call.js';
import { Forbidden, NotFound, Unauthenticated } from './problems.js';

export type Admission<Target> = {
  readonly target: Target;
  /** Only a superuser's privilege allowed it. */
  readonly asSuperuser: boolean;
};

/** Who may call an endpoint, and what is found for it on the way (conventions §6). */
export type Rule<Target> = {
  /** As the matrix of tests and the document name it. */
  readonly name: string;
  readonly always: boolean;
  readonly bodyFirst: boolean;
  /** Whether a stale session is told before the permission is looked at (conventions §4). */
  readonly freshFirst: boolean;
  /** What is looked at before anything else. */
  readonly enter?: (incoming: Incoming) => void;
  /** What is looked at between a stale session and the body. */
  readonly beforeBody?: () => void;
  readonly admit: (incoming: Incoming) => Promise<Admission<Target>>;
};

const free = { always: false, bodyFirst: false, freshFirst: false } as const;
const nothing = (): Promise<Admission<undefined>> => Promise.resolve({ target: undefined, asSuperuser: false });

/** `anon`: no sign-in needed, unless anonymous access is off. */
export const anyone: Rule<undefined> = { ...free, name: 'anyone', admit: nothing };

/** `anon!`: reachable without a sign-in in any case. */
export const always: Rule<undefined> = { ...free, name: 'always', always: true, admit: nothing };

/** Nobody is signed in, or not as far as needed: which error it is depends on that alone (conventions §7.1). */
export const refusalOf = ({ subject }: Pick<Incoming, 'subject'>): Unauthenticated | Forbidden =>
  subject.caller.kind === 'anonymous' ? new Unauthenticated() : new Forbidden();

type NamespaceRight = Extract<Act, { on: 'namespace' }>['to'];
type RepositoryRight = Role | 'audit';
type InstanceRight = Extract<Act, { on: 'instance' }>['to'];
export type MaybeFound = {
  readonly namespace: NamespaceDocument;
  readonly name: string;
  readonly found?: FoundRepository;
};

/** The rules that look something up. */
export type Rules = {
  /** `user:read`, `user:admin`: somebody signed in, acting on himself. */
  readonly user: (to: 'read' | 'admin') => Rule<UserCaller>;
  /** Somebody signed in, with whatever credential. */
  readonly signedIn: Rule<UserCaller>;
  /** A namespace of either kind by the path's `orgname`; who would be allowed learns that there is none. */
  readonly namespace: (to: NamespaceRight) => Rule<NamespaceDocument>;
  /** `org-admin(o)` and its like: one's own user name passes the permission and then misses the organization. */
  readonly organization: (to: NamespaceRight) => Rule<NamespaceDocument>;
  /** R, W, A and A/ro by the path's `repository`. */
  readonly repository: (to: RepositoryRight) => Rule<FoundRepository>;
  /** The same, also of a repository that does not exist, for those who would be allowed to have one there. */
  readonly repositoryIfAny: (to: RepositoryRight) => Rule<MaybeFound>;
  /** `anySU` to inspect, `SU` to administer, GRO or SUFA to audit; a body is judged before the privilege (superuser.md, "Order"). */
  readonly superuser: (to: InstanceRight) => Rule<UserCaller>;
};

export function rulesOver(directory: Directory): Rules {
  const allowed = (incoming: Incoming, act: Act): boolean => may(incoming.subject, act, directory.policy);

  function admission<Target>(incoming: Incoming, act: Act, target: Target): Admission<Target> {
    if (!allowed(incoming, act)) throw refusalOf(incoming);
    return { target, asSuperuser: !may(withoutPrivilege(incoming.subject), act, directory.policy) };
  }

  const user = (to: 'read' | 'admin'): Rule<UserCaller> => ({
    ...free,
    name: `user:${to}`,
    admit: (incoming) => {
      const { caller } = incoming.subject;
      if (caller.kind !== 'user') return Promise.reject(refusalOf(incoming));
      return Promise.resolve(admission(incoming, { on: 'self', to }, caller));
    },
  });

  const signedIn: Rule<UserCaller> = {
    ...free,
    name: 'signed-in',
    admit: (incoming) => {
      const { caller } = incoming.subject;
      if (caller.kind !== 'user') return Promise.reject(refusalOf(incoming));
      return Promise.resolve({ target: caller, asSuperuser: false });
    },
  };

  const namespace = (to: NamespaceRight): Rule<NamespaceDocument> => ({
    ...free,
    name: `namespace:${to}`,
    bodyFirst: true,
    freshFirst: true,
    admit: async (incoming) => {
      const found = await directory.namespace(incoming.path['orgname'] ?? '');
      if (!found) {
        const nowhere = { namespaceId: '', membership: undefined };
        if (!allowed(incoming, { on: 'namespace', to, there: nowhere })) throw refusalOf(incoming);
        throw new NotFound();
      }
      const there = await directory.namespaceFacts(incoming.subject.caller, found);
      return admission(incoming, { on: 'namespace', to, there }, found);
    },
  });

  const organization = (to: NamespaceRight): Rule<NamespaceDocument> => {
    const rule = namespace(to);
    return {
      ...rule,
      name: `organization:${to}`,
      admit: async (incoming) => {
        const admitted = await rule.admit(incoming);
        if (admitted.target.kind !== 'organization') throw new NotFound();
        return admitted;
      },
    };
  };

  const repositoryIfAny = (to: RepositoryRight): Rule<MaybeFound> => ({
    ...free,
    name: `repository:${to}`,
    admit: async (incoming) => {
      const [owner = '', ...rest] = (incoming.path['repository'] ?? '').split('/');
      const name = rest.join('/');
      const found = await directory.repository(owner, name);
      if (found) {
        const there = await directory.repositoryFacts(incoming.subject.caller, found);
        return admission(incoming, { on: 'repository', to, there }, { namespace: found.namespace, name, found });
      }
      const owned = await directory.namespace(owner);
      const facts = owned
        ? await directory.namespaceFacts(incoming.subject.caller, owned)
        : { namespaceId: '', membership: undefined };
      const absent = { ...facts, visibility: 'private', state: 'NORMAL', granted: undefined } as const;
      if (!owned) {
        if (!allowed(incoming, { on: 'repository', to, there: absent })) throw refusalOf(incoming);
        throw new NotFound();
      }
      return admission(incoming, { on: 'repository', to, there: absent }, { namespace: owned, name });
    },
  });

  const repository = (to: RepositoryRight): Rule<FoundRepository> => {
    const rule = repositoryIfAny(to);
    return {
      ...rule,
      admit: async (incoming) => {
        const { target, asSuperuser } = await rule.admit(incoming);
        if (!target.found) throw new NotFound();
        return { target: target.found, asSuperuser };
      },
    };
  };

  const superuser = (to: InstanceRight): Rule<UserCaller> => ({
    ...free,
    name: `superuser:${to}`,
    bodyFirst: true,
    freshFirst: true,
    enter: (incoming) => {
      if (incoming.subject.caller.kind !== 'user') throw refusalOf(incoming);
    },
    admit: (incoming) => {
      const { caller } = incoming.subject;
      if (caller.kind !== 'user') return Promise.reject(refusalOf(incoming));
      return Promise.resolve(admission(incoming, { on: 'instance', to }, caller));
    },
  });

  return { user, signedIn, namespace, organization, repository, repositoryIfAny, superuser };
}
