import Type, { type Static } from 'typebox';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { RobotDocument } from '../../../projections/robots.js';
import type { SearchedRepository } from '../../../projections/search.js';
import type { Api } from '../api.js';
import { AvatarView } from '../shared/portraits.js';
import { fuzzyMatch } from './fuzzy.js';

/** What search shows of users, organizations, robots, teams and repositories (contract: superuser §11). */
export const EntityView = Type.Object({
  title: Type.Enum(['user', 'org', 'robot']),
  kind: Type.Enum(['user', 'organization', 'robot']),
  avatar: Type.Union([AvatarView, Type.Null()]),
  name: Type.String(),
  score: Type.Number(),
  href: Type.String(),
  short_name: Type.Optional(Type.String()),
});

const repositoryMembers = {
  kind: Type.Literal('repository'),
  title: Type.Literal('repo'),
  namespace: EntityView,
  name: Type.String(),
  description: Type.Union([Type.String(), Type.Null()]),
  is_public: Type.Boolean(),
  score: Type.Number(),
  href: Type.String(),
};

export const RepositoryView = Type.Object(repositoryMembers);

export const TeamView = Type.Object({
  kind: Type.Literal('team'),
  name: Type.String(),
  organization: EntityView,
  avatar: AvatarView,
  score: Type.Number(),
  href: Type.String(),
});

type Entity = Static<typeof EntityView>;
type Views = Pick<Api, 'portraits' | 'queries'>;

const REPOSITORY_SCORE = 4;
const TEAM_SCORE = 2;
const ENTITY_SCORE = 1;

const scored = (base: number, name: string, query: string | null): number =>
  query === null ? base : base * fuzzyMatch(name, query);

/** @param query null: it is part of what was found, and not found itself */
export async function namespaceView(
  { portraits, queries }: Views,
  namespace: NamespaceDocument,
  query: string | null,
): Promise<Entity> {
  const { name, owner } = namespace;
  const score = scored(ENTITY_SCORE, name, query);
  if (owner === null) {
    const avatar = await portraits.organization(namespace);
    return { title: 'org', kind: 'organization', avatar, name, score, href: `/organization/${name}` };
  }
  const account = await queries.accounts.byId(owner);
  const avatar = account ? await portraits.user(account) : null;
  return { title: 'user', kind: 'user', avatar, name, score, href: `/user/${name}` };
}

export function robotView(robot: RobotDocument, namespace: NamespaceDocument, query: string): Entity {
  const name = `${namespace.name}+${robot.shortName}`;
  const page = namespace.kind === 'organization' ? 'organization' : 'user';
  return {
    ...{ title: 'robot', kind: 'robot', avatar: null, name, score: scored(ENTITY_SCORE, name, query) },
    short_name: robot.shortName,
    href: `/${page}/${namespace.name}?tab=robots&showRobot=${encodeURIComponent(name)}`,
  };
}

export async function teamView(
  views: Views,
  team: { readonly name: string },
  organization: NamespaceDocument,
  query: string,
): Promise<Static<typeof TeamView>> {
  return {
    kind: 'team',
    name: team.name,
    organization: await namespaceView(views, organization, null),
    avatar: views.portraits.team(team),
    score: scored(TEAM_SCORE, team.name, query),
    href: `/organization/${organization.name}/teams/${team.name}`,
  };
}

/** @param standing how far before others it stands, from 0 to 1 */
export async function repositoryView(
  views: Views,
  { name, description, visibility }: SearchedRepository,
  namespace: NamespaceDocument,
  { query, standing }: { readonly query: string | null; readonly standing: number },
): Promise<Static<typeof RepositoryView>> {
  return {
    ...{ kind: 'repository', title: 'repo', namespace: await namespaceView(views, namespace, null) },
    ...{ name, description, is_public: visibility === 'public' },
    score: scored(REPOSITORY_SCORE + standing, name, query),
    href: `/repository/${namespace.name}/${name}`,
  };
}
