import Type, { type Static } from 'typebox';
import { may, type Subject } from '../../../domain/access.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { PlainAbort } from '../framework/problems.js';
import { flagParameter, textParameter } from '../framework/query.js';
import { anyone } from '../framework/rules.js';
import { AvatarView } from '../shared/portraits.js';
import { transliterated } from '../shared/transliterate.js';

/** Of users and robots together, and of teams. */
const MOST = 10;

const UserView = Type.Object({
  name: Type.String(),
  kind: Type.Literal('user'),
  is_robot: Type.Boolean(),
  avatar: AvatarView,
  is_org_member: Type.Optional(Type.Boolean()),
});

const GroupView = Type.Object({
  name: Type.String(),
  kind: Type.Enum(['team', 'org']),
  is_org_member: Type.Boolean(),
  avatar: AvatarView,
});

type User = Static<typeof UserView>;
type Group = Static<typeof GroupView>;
type EntityApi = Pick<Api, 'directory' | 'portraits' | 'queries' | 'rules' | 'settings'>;

/** Names that are completed while somebody types them (contract: superuser §11). */
export const entityEndpoints = (api: EntityApi): readonly Endpoint[] => [
  endpoint({
    operation: 'getMatchingEntities',
    method: 'GET',
    path: '/api/v1/entities/{prefix}',
    module: 'search',
    summary: 'Get a list of entities that match the specified prefix.',
    access: anyone,
    query: {
      namespace: textParameter('Namespace to use when querying for org entities.'),
      includeTeams: flagParameter('Whether to include team names.'),
      includeOrgs: flagParameter('Whether to include orgs names.'),
    },
    answers: { 200: Type.Object({ results: Type.Array(Type.Union([UserView, GroupView])) }) },
    handle: async ({ path, query, subject }) => {
      const prefix = transliterated(path.prefix).replace(/\s/g, '').toLowerCase();
      if (prefix === '') return answer(200, { results: [] });
      const namespace = query.namespace ? await api.directory.namespace(query.namespace) : undefined;
      const place = await placeOf(api, subject, namespace);
      return answer(200, {
        results: [
          ...(query.includeTeams ? await teams(api, place, prefix) : []),
          ...(await usersAndRobots(api, place, prefix)),
          ...(query.includeOrgs ? await organization(api, place, prefix) : []),
        ],
      });
    },
  }),
  endpoint({
    operation: 'linkExternalUser',
    method: 'POST',
    path: '/api/v1/entities/link/{username}',
    module: 'search',
    summary: 'Links an external user to a local one.',
    access: api.rules.signedIn,
    internal: true,
    answers: { 200: Type.Object({ entity: UserView }) },
    // Users are this registry's own: there is no directory to link them from.
    handle: () => {
      throw new PlainAbort(404);
    },
  }),
];

/** The namespace that is asked about, and what the caller is there. */
type Place = {
  readonly namespace: NamespaceDocument | undefined;
  readonly isMember: boolean;
  readonly isAdmin: boolean;
};

async function placeOf(
  { directory }: EntityApi,
  subject: Subject,
  namespace: NamespaceDocument | undefined,
): Promise<Place> {
  if (!namespace) return { namespace, isMember: false, isAdmin: false };
  const there = await directory.namespaceFacts(subject.caller, namespace);
  return {
    namespace,
    isMember: may(subject, { on: 'namespace', to: 'see-members', there }, directory.policy),
    isAdmin: may(subject, { on: 'namespace', to: 'administer', there }, directory.policy),
  };
}

async function teams({ queries, portraits }: EntityApi, place: Place, prefix: string): Promise<Group[]> {
  if (place.namespace?.kind !== 'organization' || !place.isMember) return [];
  const page = await queries.organizations.teamsNamed(place.namespace.id, prefix, MOST);
  return page.documents.map((team) => ({
    name: team.name,
    kind: 'team',
    is_org_member: true,
    avatar: portraits.team(team),
  }));
}

async function usersAndRobots(api: EntityApi, place: Place, prefix: string): Promise<User[]> {
  const robots = await robotsOf(api, place, prefix);
  const users = await usersNamed(api, place, prefix);
  const isExact = ({ name }: User): boolean => name === prefix || name.endsWith(`+${prefix}`);
  const all = [...users, ...robots];
  return [...all.filter(isExact), ...all.filter((user) => !isExact(user))].slice(0, MOST);
}

/** Who belongs to an organization is shown to who belongs there himself; to others nobody does. */
async function usersNamed(api: EntityApi, { namespace, isMember: sees }: Place, prefix: string): Promise<User[]> {
  const { queries, portraits, settings } = api;
  const names = settings.isOn('PARTIAL_USER_AUTOCOMPLETE')
    ? (await queries.search.namesBeginning('user', prefix, MOST)).map(({ name }) => name)
    : [prefix];
  const users: User[] = [];
  for (const name of names) {
    const account = await queries.accounts.byName(name);
    if (!account) continue;
    const user = { name, kind: 'user', is_robot: false, avatar: await portraits.user(account) } as const;
    if (namespace?.kind !== 'organization') users.push(user);
    else users.push({ ...user, is_org_member: sees && (await isMember(api, `user:${account.id}`, namespace.id)) });
  }
  return users;
}

const isMember = async ({ queries }: EntityApi, member: string, namespaceId: string): Promise<boolean> =>
  (await queries.organizations.memberships(member, namespaceId)).length > 0;

/** Robots show themselves only where they live, and only to who belongs there. */
async function robotsOf(
  { queries, portraits, settings }: EntityApi,
  place: Place,
  prefix: string,
): Promise<readonly User[]> {
  const { namespace } = place;
  if (!namespace || !place.isMember) return [];
  const found = (await queries.robots.named(namespace.id, prefix, MOST)).filter(
    ({ shortName }) => settings.isOn('PARTIAL_USER_AUTOCOMPLETE') || shortName === prefix,
  );
  return found.map(({ id, shortName }) => {
    const name = `${namespace.name}+${shortName}`;
    const robot = { name, kind: 'user', is_robot: true, avatar: portraits.robot({ id, name }) } as const;
    return namespace.kind === 'organization' ? { ...robot, is_org_member: true } : robot;
  });
}

async function organization({ portraits }: EntityApi, place: Place, prefix: string): Promise<Group[]> {
  const { namespace, isAdmin } = place;
  if (namespace?.kind !== 'organization' || !isAdmin || !namespace.name.startsWith(prefix)) return [];
  const avatar = await portraits.organization(namespace);
  return [{ name: namespace.name, kind: 'org', is_org_member: true, avatar }];
}
