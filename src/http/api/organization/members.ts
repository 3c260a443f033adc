import Type from 'typebox';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { GrantedRepository } from '../../../projections/repositories.js';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { NotFound } from '../framework/problems.js';
import { namespaceIdOf } from '../shared/namespaces.js';
import type { Person } from '../shared/people.js';
import { CollaboratorView, MemberView, memberView } from './memberViews.js';

const [module, scope] = ['organization', 'org:admin'] as const;

/** Who belongs to an organization, and who only works with it (contract: organizations §2). */
export const memberEndpoints = (api: Api): readonly Endpoint[] => {
  const { rules, queries, commands, people, portraits } = api;

  const list = endpoint({
    operation: 'getOrganizationMembers',
    method: 'GET',
    path: '/api/v1/organization/{orgname}/members',
    ...{ module, scope },
    summary: 'List the human members of the specified organization.',
    access: rules.organization('audit'),
    answers: { 200: Type.Object({ members: Type.Array(MemberView) }) },
    handle: async ({ target }) => {
      const teams = await queries.organizations.membersIn(target.id);
      const repositories = namesByGrantee(await queries.repositories.grantsIn(target.id, 'user'));
      const humans = await people.known([...teams.keys()].filter((key) => key.startsWith('user:')));
      const members = [...humans].map(([key, person]) =>
        memberView(person, teams.get(key) ?? [], repositories.get(key) ?? [], portraits),
      );
      return answer(200, { members });
    },
  });

  const show = endpoint({
    operation: 'getOrganizationMember',
    method: 'GET',
    path: '/api/v1/organization/{orgname}/members/{membername}',
    ...{ module, scope },
    summary: 'Retrieves the details of a member of the organization.',
    access: rules.namespace('audit'),
    answers: { 200: MemberView },
    handle: async ({ target, path }) => {
      const person = await people.named(path.membername);
      const isOwnRobot = person?.namespaceId === target.id;
      // One's own robots are found under one's own name, too.
      if (!person || (target.kind !== 'organization' && !isOwnRobot)) throw new NotFound();
      const memberships = await queries.organizations.memberships(keyOf(person), target.id);
      if (memberships.length === 0 && !isOwnRobot) throw new NotFound();
      const teams = await queries.organizations.teamsById(memberships.map(({ teamId }) => teamId));
      const granted = await queries.repositories.grantedIn(target.id, person.member);
      const repositories = granted.map(({ repository }) => repository.name);
      const present = teams.filter((team) => team !== undefined);
      return answer(200, memberView(person, present, repositories, portraits));
    },
  });

  const remove = endpoint({
    operation: 'removeOrganizationMember',
    method: 'DELETE',
    path: '/api/v1/organization/{orgname}/members/{membername}',
    ...{ module, scope },
    summary: 'Removes a member from an organization, revoking all its repository privileges and teams.',
    access: rules.organization('administer'),
    answers: { 204: null },
    handle: async ({ target, path, context }) => {
      const person = await people.named(path.membername);
      if (!person || person.isRobot) throw new NotFound();
      await commands.organizations.removeMember(namespaceIdOf(target), person.member, context);
      return answer(204, null);
    },
  });

  const collaborators = endpoint({
    operation: 'getOrganizationCollaborators',
    method: 'GET',
    path: '/api/v1/organization/{orgname}/collaborators',
    ...{ module, scope },
    summary: 'List outside collaborators of the specified organization.',
    access: rules.organization('audit'),
    answers: { 200: Type.Object({ collaborators: Type.Array(CollaboratorView) }) },
    handle: async ({ target }) => answer(200, { collaborators: await collaboratorsOf(api, target) }),
  });

  return [list, show, remove, collaborators];
};

/** People whom something was granted in its repositories, and who belong to none of its teams. */
async function collaboratorsOf({ queries, people }: Api, { id }: NamespaceDocument) {
  const members = await queries.organizations.membersIn(id);
  const repositories = namesByGrantee(await queries.repositories.grantsIn(id, 'user'));
  const outside = await people.known([...repositories.keys()].filter((key) => !members.has(key)));
  return [...outside].map(([key, { name, avatar }]) => ({
    ...{ kind: 'user' as const, name, avatar },
    repositories: repositories.get(key) ?? [],
  }));
}

function namesByGrantee(grants: readonly GrantedRepository[]): ReadonlyMap<string, string[]> {
  const names = new Map<string, string[]>();
  for (const { grantee, repository } of grants) {
    const known = names.get(grantee);
    if (known) known.push(repository.name);
    else names.set(grantee, [repository.name]);
  }
  return names;
}

const keyOf = ({ member: { kind, id } }: Person): string => `${kind}:${id}`;
