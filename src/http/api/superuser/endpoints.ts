import type { Api } from '../api.js';
import type { Endpoint } from '../framework/endpoint.js';
import { superuserAppTokenEndpoints } from './appTokens.js';
import { instanceEndpoints } from './instance.js';
import { superuserOrganizationEndpoints } from './organizations.js';
import { registrySizeEndpoints } from './registrySize.js';
import { sendRecoveryEndpoints } from './sendRecovery.js';
import { serviceKeyEndpoints } from './serviceKeys.js';
import { superuserUserChanges } from './userChanges.js';
import { superuserUserEndpoints } from './users.js';

/** What only superusers may do (contract: superuser §1, §2, §5–§7). */
export const superuserEndpoints = (api: Api): readonly Endpoint[] =>
  api.settings.isOn('SUPER_USERS')
    ? [
        ...superuserUserEndpoints(api),
        ...superuserUserChanges(api),
        ...sendRecoveryEndpoints(api),
        ...superuserOrganizationEndpoints(api),
        ...serviceKeyEndpoints(api),
        ...registrySizeEndpoints(api),
        ...superuserAppTokenEndpoints(api),
        ...instanceEndpoints(api),
      ]
    : [];
