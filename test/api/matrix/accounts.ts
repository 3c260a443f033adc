import { PASSWORD } from '../../support/registry.js';
import { done, people } from './preparations.js';
import { ANYONE, USER_ADMIN, USER_READ } from './rules.js';
import { del, get, post, put, type Preparation, type Row } from './table.js';

const NOBODYS = '01890a5d-ac98-71f0-8b0e-6f1d0a3e9c22';

const appToken: Preparation = async (acme, who) =>
  (await done(people(acme, who).post('/api/v1/user/apptoken', { title: 'for a test' }))).json<{
    token: { uuid: string };
  }>().token.uuid;

let robots = 0;
const robot: Preparation = async (acme, who) => {
  const name = `helper${++robots}`;
  await done(people(acme, who).put(`/api/v1/user/robots/${name}`));
  return name;
};

const star: Preparation = async (acme, who) => {
  await done(people(acme, who).post('/api/v1/user/starred', { namespace: 'acme', repository: 'open' }));
  return 'open';
};

/** contract: accounts.md */
export const accounts: readonly Row[] = [
  get('getLoggedInUser', '/user/', USER_READ, 200),
  put('changeUserDetails', '/user/', USER_ADMIN, 200, { body: {} }),
  post('createNewUser', '/user/', ANYONE, 200, {
    body: { username: 'new-{who}', password: PASSWORD, email: 'new-{who}@example.org' },
  }),
  del('deleteCurrentUser', '/user/', USER_ADMIN, 204, { alone: true }),
  get('getUserInformation', '/users/rita', ANYONE, 200),
  post('generateUserClientKey', '/user/clientkey', USER_ADMIN, 200, { body: { password: PASSWORD } }),
  post('convertUserToOrganization', '/user/convert', USER_ADMIN, 200, {
    body: { adminUser: 'mia', adminPassword: PASSWORD },
    alone: true,
  }),

  post('signinUser', '/signin', ANYONE, 200, { body: { username: 'mia', password: PASSWORD }, alone: true }),
  post('verifyUser', '/signin/verify', USER_ADMIN, 200, { body: { password: PASSWORD }, alone: true }),
  post('logout', '/signout', ANYONE, 200, {
    alone: true,
    never: { token: 'all sessions of the owner would end, and he is needed' },
  }),
  // No provider is configured: unknown services are bad requests.
  post('retrieveExternalLoginAuthorizationUrl', '/externallogin/github', ANYONE, 400, { body: { kind: 'login' } }),
  post('detachExternalLogin', '/detachexternal/github', USER_ADMIN, 200),
  post('requestRecoveryEmail', '/recovery', ANYONE, 200, { body: { email: 'nobody@example.org' } }),

  get('listAppTokens', '/user/apptoken', USER_ADMIN, 200),
  post('createAppToken', '/user/apptoken', USER_ADMIN, 200, { body: { title: 'mine' } }),
  get('getAppToken', '/user/apptoken/{uuid}', USER_ADMIN, 200, { prepare: { uuid: appToken } }),
  del('revokeAppToken', '/user/apptoken/{uuid}', USER_ADMIN, 204, { prepare: { uuid: appToken } }),

  get('listUserNotifications', '/user/notifications', USER_ADMIN, 200),
  get('getUserNotification', `/user/notifications/${NOBODYS}`, USER_ADMIN, 404),
  put('updateUserNotification', `/user/notifications/${NOBODYS}`, USER_ADMIN, 404, { body: { dismissed: true } }),

  get('listStarredRepos', '/user/starred', USER_ADMIN, 200),
  post('createStar', '/user/starred', USER_ADMIN, 201, { body: { namespace: 'acme', repository: 'open' } }),
  del('deleteStar', '/user/starred/acme/{star}', USER_ADMIN, 204, { prepare: { star } }),

  get('listUserAuthorizations', '/user/authorizations', USER_ADMIN, 200),
  get('getUserAuthorization', `/user/authorizations/${NOBODYS}`, USER_ADMIN, 404),
  del('deleteUserAuthorization', `/user/authorizations/${NOBODYS}`, USER_ADMIN, 404),
  get('listAssignedAuthorizations', '/user/assignedauthorization', USER_ADMIN, 200),
  del('deleteAssignedAuthorization', `/user/assignedauthorization/${NOBODYS}`, USER_ADMIN, 404),

  get('getUserRobots', '/user/robots', USER_ADMIN, 200),
  get('getUserRobot', '/user/robots/{robot}', USER_ADMIN, 200, { prepare: { robot } }),
  put('createUserRobot', '/user/robots/new', USER_ADMIN, 201, { body: {} }),
  del('deleteUserRobot', '/user/robots/{robot}', USER_ADMIN, 204, { prepare: { robot } }),
  get('getUserRobotPermissions', '/user/robots/{robot}/permissions', USER_ADMIN, 200, { prepare: { robot } }),
  post('regenerateUserRobotToken', '/user/robots/{robot}/regenerate', USER_ADMIN, 200, { prepare: { robot } }),
  get('getUserRobotFederation', '/user/robots/{robot}/federation', USER_ADMIN, 200, { prepare: { robot } }),
  post('createUserRobotFederation', '/user/robots/{robot}/federation', USER_ADMIN, 200, {
    prepare: { robot },
    body: [{ issuer: 'https://example.org', subject: 'somebody' }],
  }),
  del('deleteUserRobotFederation', '/user/robots/{robot}/federation', USER_ADMIN, 204, { prepare: { robot } }),
];
