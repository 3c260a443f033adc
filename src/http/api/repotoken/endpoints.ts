import type { Api } from '../api.js';
import { required } from '../framework/body.js';
import { endpoint, type Endpoint } from '../framework/endpoint.js';
import { text } from '../framework/kinds.js';
import { Message } from '../framework/problems.js';
import { RoleBody } from '../permission/bodies.js';

const GONE = 410;
const LIST = '/api/v1/repository/{repository}/tokens/';
const ONE = '/api/v1/repository/{repository}/tokens/{code}';

class NewTokenBody {
  @required(text()) readonly friendlyName!: string;
}

/** Access tokens of repositories, which nobody makes any more: robots took their place (contract: organizations §8). */
export function repotokenEndpoints({ rules }: Api): readonly Endpoint[] {
  const access = rules.repositoryIfAny('admin');
  const shared = { module: 'repotoken', scope: 'repo:admin', access, answers: {}, refused: [GONE] } as const;
  const gone = (what: 'Handling' | 'Creation') => (): Promise<never> =>
    Promise.reject(new Message(GONE, `${what} of access tokens is no longer supported`));
  const handle = gone('Handling');
  return [
    endpoint({
      ...{ operation: 'listRepoTokens', method: 'GET', path: LIST, ...shared, handle },
      summary: 'Gone: repositories have no access tokens.',
    }),
    endpoint({
      ...{ operation: 'createToken', method: 'POST', path: LIST, ...shared, handle: gone('Creation') },
      summary: 'Gone: repositories have no access tokens.',
      body: NewTokenBody,
    }),
    endpoint({
      ...{ operation: 'getTokens', method: 'GET', path: ONE, ...shared, handle },
      summary: 'Gone: repositories have no access tokens.',
    }),
    endpoint({
      ...{ operation: 'changeToken', method: 'PUT', path: ONE, ...shared, handle },
      summary: 'Gone: repositories have no access tokens.',
      body: RoleBody,
    }),
    endpoint({
      ...{ operation: 'deleteToken', method: 'DELETE', path: ONE, ...shared, handle },
      summary: 'Gone: repositories have no access tokens.',
    }),
  ];
}
