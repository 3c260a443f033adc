import type { Api } from '../api.js';
import type { Endpoint } from '../framework/endpoint.js';
import { teamPermissionEndpoints } from './teams.js';
import { userPermissionEndpoints } from './users.js';

/** Who may do what in a repository (contract: organizations §8). */
export const permissionEndpoints = (api: Api): readonly Endpoint[] => [
  ...userPermissionEndpoints(api),
  ...teamPermissionEndpoints(api),
];
