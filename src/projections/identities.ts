import type { Caller, Subject } from '../domain/access.js';
import { parseScopes, reachOf, type Scope } from '../domain/oauth/scopes.js';
import { FULL_REACH } from '../domain/reach.js';
import type { CredentialRef } from '../domain/shared/envelope.js';
import { isAlive, timestamp, type Timestamp } from '../domain/shared/time.js';
import type { AccountDocument } from './accounts.js';
import type { NamespaceDocument } from './namespaces.js';
import type { ProjectedEvent } from './projection.js';

/** Who acts with a credential, as he is now. */
export type Identity = {
  readonly subject: Subject;
  /** Of the credential: what was issued for an older one is void. */
  readonly generation: number;
  readonly expires: Timestamp | null;
  /** The person behind it; undefined for a robot. */
  readonly account: AccountDocument | undefined;
  /** Of an OAuth token. */
  readonly scopes: readonly Scope[] | undefined;
};

export type SuperuserNames = { readonly superusers: ReadonlySet<string>; readonly readOnly: ReadonlySet<string> };

type AppToken = { readonly accountId: string; readonly expires: Timestamp | null };
type OAuthToken = AppToken & { readonly scope: string };
type Robot = {
  readonly id: string;
  readonly namespaceId: string;
  readonly shortName: string;
  readonly generation: number;
};

export type IdentitiesOptions = {
  readonly accounts: {
    byId(id: string): Promise<AccountDocument | undefined>;
  };
  readonly appTokens: { appToken(id: string): Promise<AppToken | undefined> };
  readonly namespaces: { byId(id: string): Promise<NamespaceDocument | undefined> };
  readonly robots: { byId(id: string): Promise<Robot | undefined> };
  readonly applications: { token(id: string): Promise<OAuthToken | undefined> };
  /** Names from the configuration (SUPER_USERS, GLOBAL_READONLY_SUPER_USERS). */
  readonly names: SuperuserNames;
  /** Whether a user may create nothing in his own namespace (FEATURE_RESTRICTED_USERS and its whitelist). */
  readonly isRestricted: (name: string) => boolean;
  /** Whether robots of that name may come in (ROBOTS_DISALLOW and its whitelist). */
  readonly isRobotAllowed: (name: string) => boolean;
  /** Whether this process alone feeds the read models: only then may answers be kept. */
  readonly cache: boolean;
};

const BOUND = 20_000;

/** Who is behind a credential, for every request: kept in memory until an event may have changed it. */
export class Identities {
  readonly #known = new Map<string, Identity>();
  #changes = 0;

  constructor(private readonly options: IdentitiesOptions) {}

  /** Forgets what events may have made untrue; called before anybody who waits for them goes on. */
  applied(events: readonly ProjectedEvent[]): void {
    for (const { type, stream } of events) {
      if (HARMLESS.has(type) || !/^(?:account|namespace|organization)-/.test(stream)) continue;
      this.#changes++;
      this.#known.clear();
      return;
    }
  }

  /** The way without waiting. */
  peek({ kind, id }: CredentialRef): Identity | undefined {
    const known = this.#known.get(`${kind}:${id}`);
    return known && isAlive(known.expires, timestamp(Date.now())) ? known : undefined;
  }

  /** Undefined if the credential was revoked or has expired, or who held it is disabled or gone. */
  async of(credential: CredentialRef): Promise<Identity | undefined> {
    const known = this.peek(credential);
    if (known) return known;
    const before = this.#changes;
    const found = await this.#find(credential);
    if (!found || !isAlive(found.expires, timestamp(Date.now()))) return undefined;
    if (this.options.cache && before === this.#changes) {
      if (this.#known.size >= BOUND) this.#known.clear();
      this.#known.set(`${credential.kind}:${credential.id}`, found);
    }
    return found;
  }

  callerOf({ id, name, namespaceId, superuser }: AccountDocument): Extract<Caller, { kind: 'user' }> {
    const { names, isRestricted } = this.options;
    const readOnlySuperuser = names.readOnly.has(name);
    return {
      ...{ kind: 'user', id, name, namespaceId, readOnlySuperuser },
      superuser: !readOnlySuperuser && (superuser || names.superusers.has(name)),
      restricted: isRestricted(name),
    };
  }

  async #find({ kind, id }: CredentialRef): Promise<Identity | undefined> {
    const { appTokens, applications } = this.options;
    switch (kind) {
      case 'password':
        return this.#person(id, ({ passwordGeneration }) => passwordGeneration);
      case 'session':
        return this.#person(id, ({ sessionGeneration }) => sessionGeneration);
      case 'app-token': {
        const token = await appTokens.appToken(id);
        const person = token && (await this.#person(token.accountId, () => 1));
        return person && { ...person, expires: token.expires };
      }
      case 'oauth-token': {
        const token = await applications.token(id);
        const person = token && (await this.#person(token.accountId, () => 1));
        if (!person) return undefined;
        const scopes = parseScopes(token.scope);
        const subject = { caller: person.subject.caller, reach: reachOf(scopes) };
        return { ...person, subject, scopes, expires: token.expires };
      }
      case 'robot-token':
        return this.#robot(id);
      case 'setup':
      case 'console':
        return undefined;
    }
  }

  async #person(id: string, generation: (account: AccountDocument) => number): Promise<Identity | undefined> {
    const account = await this.options.accounts.byId(id);
    if (!account || account.disabled) return undefined;
    const subject = { caller: this.callerOf(account), reach: FULL_REACH };
    return { subject, account, generation: generation(account), expires: null, scopes: undefined };
  }

  async #robot(id: string): Promise<Identity | undefined> {
    const { robots, namespaces, accounts, isRobotAllowed } = this.options;
    const robot = await robots.byId(id);
    const namespace = robot && (await namespaces.byId(robot.namespaceId));
    if (!namespace || namespace.disabled) return undefined;
    // A robot of somebody who is disabled rests with him.
    if (namespace.owner !== null && (await accounts.byId(namespace.owner))?.disabled !== false) return undefined;
    const name = `${namespace.name}+${robot.shortName}`;
    if (!isRobotAllowed(name)) return undefined;
    const caller = { kind: 'robot', id, name, namespaceId: namespace.id } as const;
    const subject = { caller, reach: FULL_REACH };
    return { subject, generation: robot.generation, expires: null, account: undefined, scopes: undefined };
  }
}

/** What happens often and changes nobody's rights. */
const HARMLESS: ReadonlySet<string> = new Set([
  ...['SignedIn', 'RepositoryStarred', 'RepositoryUnstarred', 'NotificationDismissed', 'ClientKeyGenerated'],
  ...['AppTokenIssued', 'ApplicationTokenIssued'],
]);
