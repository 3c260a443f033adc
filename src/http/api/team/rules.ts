import { may } from '../../../domain/access.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { TeamDocument } from '../../../projections/organizations.js';
import type { Api } from '../api.js';
import { NotFound } from '../framework/problems.js';
import { refusalOf, type Rule } from '../framework/rules.js';

/** A team, with its organization. */
export type FoundTeam = { readonly organization: NamespaceDocument; readonly team: TeamDocument };

/** Who may do so in the organization learns whether it has the team. */
export const teamOf = (rule: Rule<NamespaceDocument>, { queries }: Pick<Api, 'queries'>): Rule<FoundTeam> => ({
  ...rule,
  name: `team of ${rule.name}`,
  admit: async (incoming) => {
    const { target: organization, asSuperuser } = await rule.admit(incoming);
    const team = await queries.organizations.team(organization.id, incoming.path['teamname'] ?? '');
    if (!team) throw new NotFound();
    return { target: { organization, team }, asSuperuser };
  },
});

/** `team-view`: its members, and who sees what administrators see (contract: conventions §6). */
export const viewersOfTeam = ({
  queries,
  directory,
  rules,
}: Pick<Api, 'queries' | 'directory' | 'rules'>): Rule<FoundTeam> => ({
  ...rules.organization('audit'),
  name: 'team:view',
  admit: async (incoming) => {
    const { caller } = incoming.subject;
    const { orgname = '', teamname = '' } = incoming.path;
    const organization = await directory.namespace(orgname);
    const team = organization && (await queries.organizations.team(organization.id, teamname));
    const memberships =
      team && caller.kind !== 'anonymous'
        ? await queries.organizations.memberships(`${caller.kind}:${caller.id}`, team.namespaceId)
        : [];
    const facts = organization
      ? await directory.namespaceFacts(caller, organization)
      : { namespaceId: '', membership: undefined };
    const there = { ...facts, inTeam: memberships.some(({ teamId }) => teamId === team?.id) };
    if (!may(incoming.subject, { on: 'team', to: 'view', there }, directory.policy)) throw refusalOf(incoming);
    if (organization?.kind !== 'organization' || !team) throw new NotFound();
    return { target: { organization, team }, asSuperuser: false };
  },
});
