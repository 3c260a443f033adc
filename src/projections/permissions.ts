import type { Role } from '../domain/repository/events.js';
import { robotName } from '../domain/namespace/robots.js';
import type { AccountDocument, AccountQueries } from './accounts.js';
import type { NamespaceDocument, NamespaceQueries } from './namespaces.js';
import type { OrganizationQueries } from './organizationQueries.js';
import type { TeamDocument } from './organizations.js';
import type { RepositoryQueries } from './repositories.js';
import type { RobotDocument, RobotQueries } from './robots.js';

/** Somebody whom a permission can be given to under a user name: a person or a robot. */
export type NamedGrantee =
  | { readonly kind: 'user'; readonly id: string; readonly name: string; readonly account: AccountDocument }
  | { readonly kind: 'robot'; readonly id: string; readonly name: string; readonly robot: RobotDocument };

export type UserPermission = {
  readonly grantee: NamedGrantee;
  readonly role: Role;
  /** In a team of the organization; robots are, and in a user's namespace nobody is. */
  readonly isMember: boolean;
};

export type TeamPermission = { readonly team: TeamDocument; readonly role: Role };

/** Who may do what in a repository, by name. Permissions of whoever is gone are not among them. */
export class PermissionQueries {
  constructor(
    private readonly queries: {
      readonly accounts: Pick<AccountQueries, 'byName' | 'byIds'>;
      readonly namespaces: Pick<NamespaceQueries, 'byName'>;
      readonly robots: Pick<RobotQueries, 'byName' | 'byIds'>;
      readonly organizations: Pick<OrganizationQueries, 'memberships' | 'membersIn' | 'teamsById'>;
      readonly repositories: Pick<RepositoryQueries, 'permissionsOf' | 'rolesOf'>;
    },
  ) {}

  /** @param name of a user, or `<namespace>+<short name>` of a robot */
  async granteeNamed(name: string): Promise<NamedGrantee | undefined> {
    const { accounts, namespaces, robots } = this.queries;
    const plus = name.indexOf('+');
    if (plus < 0) {
      const account = await accounts.byName(name);
      return account && { kind: 'user', id: account.id, name, account };
    }
    const namespace = await namespaces.byName(name.slice(0, plus));
    const robot = namespace && (await robots.byName(namespace.id, name.slice(plus + 1)));
    return robot && { kind: 'robot', id: robot.id, name, robot };
  }

  /** Of people and robots, by name. */
  async users(repositoryId: string, namespace: NamespaceDocument): Promise<readonly UserPermission[]> {
    const { accounts, robots, organizations, repositories } = this.queries;
    const grants = parted(await repositories.permissionsOf(repositoryId));
    const [people, machines, members] = await Promise.all([
      accounts.byIds(grants.user.map(({ id }) => id)),
      robots.byIds(grants.robot.map(({ id }) => id)),
      organizations.membersIn(namespace.id),
    ]);
    const ofPeople = grants.user.flatMap(({ role }, index): UserPermission[] => {
      const account = people[index];
      if (!account) return [];
      const grantee = { kind: 'user', id: account.id, name: account.name, account } as const;
      return [{ grantee, role, isMember: members.has(`user:${account.id}`) }];
    });
    const ofRobots = grants.robot.flatMap(({ role }, index): UserPermission[] => {
      const robot = machines[index];
      if (!robot) return [];
      const name = robotName(namespace.name, robot.shortName);
      return [{ grantee: { kind: 'robot', id: robot.id, name, robot }, role, isMember: true }];
    });
    return [...ofPeople, ...ofRobots].sort((one, other) => (one.grantee.name < other.grantee.name ? -1 : 1));
  }

  /** The role that was given to somebody himself. */
  async direct(
    repositoryId: string,
    namespace: NamespaceDocument,
    grantee: NamedGrantee,
  ): Promise<UserPermission | undefined> {
    const [role] = await this.queries.repositories.rolesOf(repositoryId, [grantee]);
    return role && { grantee, role, isMember: await this.isMember(namespace, grantee) };
  }

  async isMember(namespace: NamespaceDocument, { kind, id }: NamedGrantee): Promise<boolean> {
    if (kind === 'robot') return true;
    return (await this.queries.organizations.memberships(`user:${id}`, namespace.id)).length > 0;
  }

  /** The roles that were given to somebody, his own first, and to his teams. */
  async transitive(
    repositoryId: string,
    namespace: NamespaceDocument,
    { kind, id }: NamedGrantee,
  ): Promise<readonly Role[]> {
    const teams = await this.queries.organizations.memberships(`${kind}:${id}`, namespace.id);
    const grantees = teams.map(({ teamId }) => ({ kind: 'team', id: teamId }) as const);
    return this.queries.repositories.rolesOf(repositoryId, [{ kind, id }, ...grantees]);
  }

  /** By name of the team. */
  async teams(repositoryId: string): Promise<readonly TeamPermission[]> {
    const { repositories, organizations } = this.queries;
    const grants = parted(await repositories.permissionsOf(repositoryId)).team;
    const teams = await organizations.teamsById(grants.map(({ id }) => id));
    return grants
      .flatMap(({ role }, index) => (teams[index] ? [{ team: teams[index], role }] : []))
      .sort((one, other) => (one.team.name < other.team.name ? -1 : 1));
  }
}

type Grant = { readonly id: string; readonly role: Role };
type Parted = { readonly user: readonly Grant[]; readonly robot: readonly Grant[]; readonly team: readonly Grant[] };

/** Grantees are written `<kind>:<id>`. */
function parted(grants: readonly { readonly grantee: string; readonly role: Role }[]): Parted {
  const of = (kind: string): Grant[] =>
    grants
      .filter(({ grantee }) => grantee.startsWith(`${kind}:`))
      .map(({ grantee, role }) => ({ id: grantee.slice(kind.length + 1), role }));
  return { user: of('user'), robot: of('robot'), team: of('team') };
}
