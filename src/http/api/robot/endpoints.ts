import type { Api } from '../api.js';
import type { Endpoint } from '../framework/endpoint.js';
import { federationEndpoints } from './federation.js';
import { organizationRobotEndpoints } from './organization.js';
import { userRobotEndpoints } from './user.js';

/** Robot accounts and whom they trust (contract: accounts §7). */
export const robotEndpoints = (api: Api): readonly Endpoint[] => [
  ...userRobotEndpoints(api),
  ...organizationRobotEndpoints(api),
  ...federationEndpoints(api),
];
