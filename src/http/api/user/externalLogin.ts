import Type from 'typebox';
import type { Api } from '../api.js';
import { required } from '../framework/body.js';
import { endpoint, type Endpoint } from '../framework/endpoint.js';
import { oneOf } from '../framework/kinds.js';
import { InvalidRequest } from '../framework/problems.js';
import { always } from '../framework/rules.js';
import { Success, SUCCESS } from './signIn.js';

export class ExternalLoginBody {
  @required(oneOf(['login', 'attach', 'cli'])) readonly kind!: 'login' | 'attach' | 'cli';
}

/** Sign-in by way of others (contract: accounts §2). No login service is configured, so every one is unknown. */
export const externalLoginEndpoints = ({ rules, settings }: Api): readonly Endpoint[] => {
  const authorize = endpoint({
    operation: 'retrieveExternalLoginAuthorizationUrl',
    method: 'POST',
    path: '/api/v1/externallogin/{service_id}',
    module: 'user',
    summary: 'Generates the auth URL and CSRF token explicitly for OIDC/OAuth-associated login.',
    internal: true,
    access: always,
    body: ExternalLoginBody,
    answers: { 200: Type.Object({ auth_url: Type.String() }) },
    handle: ({ path }) => Promise.reject(new InvalidRequest(`Unknown login service: ${path.service_id.slice(0, 255)}`)),
  });

  const detach = endpoint({
    operation: 'detachExternalLogin',
    method: 'POST',
    path: '/api/v1/detachexternal/{service_id}',
    module: 'user',
    summary: 'Request that the current user be detached from the external login service.',
    scope: 'user:admin',
    internal: true,
    access: rules.user('admin'),
    answers: { 200: Success },
    // Also where nothing was attached.
    handle: () => Promise.resolve(SUCCESS),
  });
  return settings.isOn('DIRECT_LOGIN') ? [authorize, detach] : [authorize];
};
