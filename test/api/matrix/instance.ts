import { message, organization, serviceKey, user } from './preparations.js';
import { ANYONE, SIGNED_IN, SUPERUSER } from './rules.js';
import { del, get, post, put, type Row } from './table.js';

const SU = '/superuser';
const announcement = { message: { content: 'Hello', media_type: 'text/plain', severity: 'info' } };

/** contract: superuser.md, conventions §7.4 */
export const instance: readonly Row[] = [
  get('listAllUsers', `${SU}/users/`, SUPERUSER, 200),
  post('createInstallUser', `${SU}/users/`, SUPERUSER, 200, {
    body: { username: 'installed-by-{who}', email: 'installed-by-{who}@example.org' },
  }),
  get('getInstallUser', `${SU}/users/rita`, SUPERUSER, 200),
  put('changeInstallUser', `${SU}/users/{user}`, SUPERUSER, 200, { prepare: { user }, body: {} }),
  del('deleteInstallUser', `${SU}/users/{user}`, SUPERUSER, 204, { prepare: { user } }),
  post('sendInstallUserRecoveryEmail', '/superusers/users/rita/sendrecovery', SUPERUSER, 200),
  get('listAllOrganizations', `${SU}/organizations/`, SUPERUSER, 200),
  put('changeOrganization', `${SU}/organizations/{organization}`, SUPERUSER, 200, {
    prepare: { organization },
    body: {},
  }),
  del('deleteOrganization', `${SU}/organizations/{organization}`, SUPERUSER, 204, { prepare: { organization } }),
  post('takeOwnership', `${SU}/takeownership/{organization}`, SUPERUSER, 200, { prepare: { organization } }),
  get('listServiceKeys', `${SU}/keys`, SUPERUSER, 200),
  post('createServiceKey', `${SU}/keys`, SUPERUSER, 200, { body: { service: 'builds', expiration: null } }),
  get('getServiceKey', `${SU}/keys/{serviceKey}`, SUPERUSER, 200, { prepare: { serviceKey } }),
  put('updateServiceKey', `${SU}/keys/{serviceKey}`, SUPERUSER, 200, {
    prepare: { serviceKey },
    body: { name: 'renamed' },
  }),
  del('deleteServiceKey', `${SU}/keys/{serviceKey}`, SUPERUSER, 204, { prepare: { serviceKey } }),
  post('approveServiceKey', `${SU}/approvedkeys/{serviceKey}`, SUPERUSER, 201, { prepare: { serviceKey }, body: {} }),
  get('getRegistrySize', `${SU}/registrysize/`, SUPERUSER, 200),
  // The first is queued; whether it is still under way when anybody else asks is a matter of time, and nobody else may.
  post('queueRegistrySizeCalculation', `${SU}/registrysize/`, SUPERUSER, 201),
  // For read-only superusers and those with full access: not for others.
  get('listAllAppTokens', `${SU}/apptokens`, SUPERUSER, 200, { except: { superuser: 403 } }),
  get('getChangeLog', `${SU}/changelog/`, SUPERUSER, 200),
  // Only with FEATURE_SUPERUSER_CONFIGDUMP.
  get('getSuperUserConfig', `${SU}/config`, SUPERUSER, 200, { except: { superuser: 403 } }),
  get('scRegistryStatus', `${SU}/registrystatus`, ANYONE, 200),
  post('scShutdownContainer', `${SU}/shutdown`, SUPERUSER, 200, {
    // A plain 403, whoever it is.
    except: { anonymous: 403 },
    never: { superuser: 'the registry would end' },
  }),

  get('getGlobalMessages', '/messages', ANYONE, 200),
  post('createGlobalMessage', '/messages', SUPERUSER, 201, { body: announcement }),
  del('deleteGlobalMessage', '/message/{message}', SUPERUSER, 204, { prepare: { message } }),

  get('getMatchingEntities', '/entities/ri', ANYONE, 200),
  // There is no directory to link users from.
  post('linkExternalUser', '/entities/link/somebody', SIGNED_IN, 404),
  get('conductSearch', '/find/all?query=app', ANYONE, 200),
  get('conductRepoSearch', '/find/repositories?query=app', ANYONE, 200),
  get('getRegistryCapabilities', '/registry/capabilities', ANYONE, 200),
  get('getErrorDescription', '/error/not_found', ANYONE, 200),
  get('getEventCatalogue', '/events/catalogue', ANYONE, 200),
  get('getEventSchema', '/events/schemas/TagMoved', ANYONE, 200),
  get('getEventSchemaVersion', '/events/schemas/TagRestored/1', ANYONE, 200),
  get('getEventsAsyncApi', '/events/asyncapi', ANYONE, 200),
  get('discovery', '/discovery', ANYONE, 200),
  get('openapi', '/openapi.json', ANYONE, 200),
];
