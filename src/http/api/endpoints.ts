import type { Api } from './api.js';
import { appTokenEndpoints } from './appspecifictokens/endpoints.js';
import { applicationEndpoints } from './application/applications.js';
import { applicationInformationEndpoints } from './application/information.js';
import { applicationTokenEndpoints } from './application/tokens.js';
import { authorizationEndpoints } from './authorization/endpoints.js';
import { bootstrapEndpoints } from './bootstrap/endpoints.js';
import { discoveryEndpoints } from './discovery/endpoints.js';
import { capabilitiesEndpoints } from './capabilities/endpoints.js';
import { errorEndpoints } from './error/endpoints.js';
import { eventEndpoints } from './events/endpoints.js';
import type { Endpoint } from './framework/endpoint.js';
import { permissionEndpoints } from './permission/endpoints.js';
import { repotokenEndpoints } from './repotoken/endpoints.js';
import { robotEndpoints } from './robot/endpoints.js';
import { entityEndpoints } from './search/entities.js';
import { findEndpoints } from './search/find.js';
import { labelEndpoints } from './manifest/labels.js';
import { manifestEndpoints } from './manifest/manifest.js';
import { repositoryCollectionEndpoints } from './repository/collection.js';
import { repositoryEndpoints } from './repository/repository.js';
import { tagChangeEndpoints } from './tag/change.js';
import { tagListEndpoints } from './tag/list.js';
import { memberEndpoints } from './organization/members.js';
import { organizationEndpoints } from './organization/organizations.js';
import { prototypeEndpoints } from './prototype/prototypes.js';
import { allTeamEndpoints } from './team/endpoints.js';
import { globalMessageEndpoints } from './globalmessages/endpoints.js';
import { superuserEndpoints } from './superuser/endpoints.js';
import { userEndpoints } from './user/endpoints.js';

/** Every operation of the management API: the route table, of which router and documents are made. */
export function allEndpoints(api: Api): readonly Endpoint[] {
  const endpoints: Endpoint[] = [
    ...userEndpoints(api),
    ...appTokenEndpoints(api),
    ...organizationEndpoints(api),
    ...memberEndpoints(api),
    ...allTeamEndpoints(api),
    ...prototypeEndpoints(api),
    ...applicationEndpoints(api),
    ...applicationInformationEndpoints(api),
    ...applicationTokenEndpoints(api),
    ...authorizationEndpoints(api),
    ...bootstrapEndpoints(api),
    ...permissionEndpoints(api),
    ...repotokenEndpoints(api),
    ...robotEndpoints(api),
    ...entityEndpoints(api),
    ...findEndpoints(api),
    ...capabilitiesEndpoints(api),
    ...errorEndpoints(api),
    ...repositoryCollectionEndpoints(api),
    ...repositoryEndpoints(api),
    ...tagListEndpoints(api),
    ...tagChangeEndpoints(api),
    ...manifestEndpoints(api),
    ...labelEndpoints(api),
    ...superuserEndpoints(api),
    ...globalMessageEndpoints(api),
    ...eventEndpoints(api),
  ];
  // The documents describe the whole table, themselves included.
  endpoints.push(...discoveryEndpoints(api.settings, endpoints));
  return endpoints;
}
