import {
  application,
  done,
  fresh,
  organization,
  ORGANIZATION,
  permitted,
  permittedTeam,
  prototype,
  robot,
  team,
  teamWithMia,
  user,
} from './preparations.js';
import { ANYONE, ORG_ADMIN, ORG_MEMBER, REPO_ADMIN, USER_ADMIN } from './rules.js';
import { del, get, post, put, type Preparation, type Row } from './table.js';

const ACME = '/organization/acme';
const APP = '/repository/acme/app';

/** Somebody in a team of acme, who can leave. */
const colleague: Preparation = async (acme) => {
  const name = fresh('colleague');
  await acme.registry.createUser(name);
  await done(acme.people.owner.put(`${ORGANIZATION}/team/readers/members/${name}`));
  return name;
};

/** An address that was invited to the readers. */
const invited: Preparation = async ({ people: { owner } }) => {
  const email = `${fresh('guest')}@example.org`;
  await done(owner.put(`${ORGANIZATION}/team/readers/invite/${email}`));
  return email;
};

const applicationToken: Preparation = async ({ people: { owner }, ids: { clientId } }) => {
  const body = { name: 'for a test', scope: 'user:read' };
  const answer = await done(owner.post(`${ORGANIZATION}/applications/${clientId}/tokens`, body));
  return answer.json<{ uuid: string }>().uuid;
};

/** contract: organizations.md §1 to §8; robots of organizations: accounts.md §7 */
export const organizations: readonly Row[] = [
  post('createOrganization', '/organization/', USER_ADMIN, 201, { body: { name: 'made-by-{who}' } }),
  get('getOrganization', ACME, ANYONE, 200),
  put('changeOrganizationDetails', ACME, ORG_ADMIN, 200, { body: {} }),
  del('deleteAdminedOrganization', '/organization/{organization}', ORG_ADMIN, 204, { prepare: { organization } }),
  get('getOrganizationMembers', `${ACME}/members`, ORG_ADMIN, 200),
  get('getOrganizationMember', `${ACME}/members/mia`, ORG_ADMIN, 200),
  del('removeOrganizationMember', `${ACME}/members/{colleague}`, ORG_ADMIN, 204, { prepare: { colleague } }),
  get('getOrganizationCollaborators', `${ACME}/collaborators`, ORG_ADMIN, 200),

  put('updateOrganizationTeam', `${ACME}/team/made-by-{who}`, ORG_ADMIN, 200, { body: { role: 'member' } }),
  del('deleteOrganizationTeam', `${ACME}/team/{team}`, ORG_ADMIN, 204, { prepare: { team } }),
  get('getOrganizationTeamPermissions', `${ACME}/team/readers/permissions`, ORG_ADMIN, 200),
  get('getOrganizationTeamMembers', `${ACME}/team/readers/members`, ORG_MEMBER, 200),
  put('updateOrganizationTeamMember', `${ACME}/team/{team}/members/{user}`, ORG_ADMIN, 200, {
    prepare: { team, user },
  }),
  del('deleteOrganizationTeamMember', `${ACME}/team/{teamWithMia}/members/mia`, ORG_ADMIN, 204, {
    prepare: { teamWithMia },
  }),
  put('inviteTeamMemberEmail', `${ACME}/team/readers/invite/guest@example.org`, ORG_ADMIN, 200),
  del('deleteTeamMemberEmailInvite', `${ACME}/team/readers/invite/{invited}`, ORG_ADMIN, 204, { prepare: { invited } }),
  // The code is nobody's: `Invalid confirmation code.`
  put('acceptOrganizationTeamInvite', '/teaminvite/nothing', USER_ADMIN, 400),
  del('declineOrganizationTeamInvite', '/teaminvite/nothing', USER_ADMIN, 400),

  get('getOrganizationPrototypePermissions', `${ACME}/prototypes`, ORG_ADMIN, 200),
  post('createOrganizationPrototypePermission', `${ACME}/prototypes`, ORG_ADMIN, 200, {
    body: { role: 'write', delegate: { name: 'walt', kind: 'user' } },
  }),
  put('updateOrganizationPrototypePermission', `${ACME}/prototypes/{prototype}`, ORG_ADMIN, 200, {
    prepare: { prototype },
    body: { role: 'write' },
  }),
  del('deleteOrganizationPrototypePermission', `${ACME}/prototypes/{prototype}`, ORG_ADMIN, 204, {
    prepare: { prototype },
  }),

  get('getOrganizationApplications', `${ACME}/applications`, ORG_ADMIN, 200),
  post('createOrganizationApplication', `${ACME}/applications`, ORG_ADMIN, 200, { body: { name: 'another' } }),
  get('getOrganizationApplication', `${ACME}/applications/{clientId}`, ORG_ADMIN, 200),
  put('updateOrganizationApplication', `${ACME}/applications/{application}`, ORG_ADMIN, 200, {
    prepare: { application },
    body: { name: 'renamed', redirect_uri: '', application_uri: '' },
  }),
  del('deleteOrganizationApplication', `${ACME}/applications/{application}`, ORG_ADMIN, 204, {
    prepare: { application },
  }),
  post(
    'resetOrganizationApplicationClientSecret',
    `${ACME}/applications/{application}/resetclientsecret`,
    ORG_ADMIN,
    200,
    {
      prepare: { application },
    },
  ),
  get('getApplicationInformation', '/app/{clientId}', ANYONE, 200),
  get('listOrganizationApplicationTokens', `${ACME}/applications/{clientId}/tokens`, ORG_ADMIN, 200),
  post('createOrganizationApplicationToken', `${ACME}/applications/{clientId}/tokens`, ORG_ADMIN, 200, {
    body: { name: 'another', scope: 'user:read' },
  }),
  del(
    'deleteOrganizationApplicationToken',
    `${ACME}/applications/{clientId}/tokens/{applicationToken}`,
    ORG_ADMIN,
    204,
    {
      prepare: { applicationToken },
    },
  ),

  get('getOrgRobots', `${ACME}/robots`, ORG_MEMBER, 200),
  get('getOrgRobot', `${ACME}/robots/ci`, ORG_ADMIN, 200),
  put('createOrgRobot', `${ACME}/robots/made-by-{who}`, ORG_ADMIN, 201, { body: {} }),
  del('deleteOrgRobot', `${ACME}/robots/{robot}`, ORG_ADMIN, 204, { prepare: { robot } }),
  get('getOrgRobotPermissions', `${ACME}/robots/ci/permissions`, ORG_ADMIN, 200),
  post('regenerateOrgRobotToken', `${ACME}/robots/{robot}/regenerate`, ORG_ADMIN, 200, { prepare: { robot } }),
  get('getOrgRobotFederation', `${ACME}/robots/ci/federation`, ORG_ADMIN, 200),
  post('createOrgRobotFederation', `${ACME}/robots/{robot}/federation`, ORG_ADMIN, 200, {
    prepare: { robot },
    body: [{ issuer: 'https://example.org', subject: 'somebody' }],
  }),
  del('deleteOrgRobotFederation', `${ACME}/robots/{robot}/federation`, ORG_ADMIN, 204, { prepare: { robot } }),

  get('listRepoUserPermissions', `${APP}/permissions/user/`, REPO_ADMIN, 200),
  get('listRepoTeamPermissions', `${APP}/permissions/team/`, REPO_ADMIN, 200),
  get('getUserPermissions', `${APP}/permissions/user/rita`, REPO_ADMIN, 200),
  get('getUserTransitivePermission', `${APP}/permissions/user/mia/transitive`, REPO_ADMIN, 200),
  put('changeUserPermissions', `${APP}/permissions/user/{permitted}`, REPO_ADMIN, 200, {
    prepare: { permitted },
    body: { role: 'write' },
  }),
  del('deleteUserPermissions', `${APP}/permissions/user/{permitted}`, REPO_ADMIN, 204, { prepare: { permitted } }),
  get('getTeamPermissions', `${APP}/permissions/team/readers`, REPO_ADMIN, 200),
  put('changeTeamPermissions', `${APP}/permissions/team/{permittedTeam}`, REPO_ADMIN, 200, {
    prepare: { permittedTeam },
    body: { role: 'write' },
  }),
  del('deleteTeamPermissions', `${APP}/permissions/team/{permittedTeam}`, REPO_ADMIN, 204, {
    prepare: { permittedTeam },
  }),
  get('listRepoTokens', `${APP}/tokens/`, REPO_ADMIN, 410),
  post('createToken', `${APP}/tokens/`, REPO_ADMIN, 410, { body: { friendlyName: 'mine' } }),
  get('getTokens', `${APP}/tokens/any`, REPO_ADMIN, 410),
  put('changeToken', `${APP}/tokens/any`, REPO_ADMIN, 410, { body: { role: 'read' } }),
  del('deleteToken', `${APP}/tokens/any`, REPO_ADMIN, 410),
];
