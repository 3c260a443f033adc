import type { Api } from '../api.js';
import type { Endpoint } from '../framework/endpoint.js';
import { clientKeyEndpoint } from './clientKey.js';
import { signInEndpoints } from './signIn.js';

/** People: themselves, their sessions and what is their own (contract: accounts §1–§5). */
export const userEndpoints = (api: Api): readonly Endpoint[] => [...signInEndpoints(api), clientKeyEndpoint(api)];
