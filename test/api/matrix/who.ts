import type { Acme, People } from '../../support/acme.js';
import { ApiAnswer, ApiClient, type ApiRequest } from '../../support/apiClient.js';

/** The columns of the matrix. */
export const WHO = [
  'anonymous',
  /** Signed in, and a stranger to the organization. */
  'stranger',
  /** In a team of the organization that may read the repository. */
  'member',
  /** With a role of their own in the repository, and in no team. */
  'reader',
  'writer',
  'admin',
  /** Of the organization. */
  'owner',
  /** Of the organization, with its name and token: the API does not take these (conventions §2). */
  'robot',
  /** The owner's, with a scope that is enough for hardly anything: `user:read`. */
  'token',
  /** Without full access. */
  'superuser',
  /** A page elsewhere that makes the owner's browser send something: it does not know the CSRF token. */
  'forged',
] as const;

export type Who = (typeof WHO)[number];

export type Send = (method: string, path: string, request?: ApiRequest) => Promise<ApiAnswer>;

/** How each of them sends a request. */
export function sendersOf({ registry, people, ids }: Acme, token: string): { readonly [who in Who]: Send } {
  const by =
    (client: ApiClient, headers: ApiRequest['headers'] = {}): Send =>
    (method, path, request = {}) =>
      client.send(method, path, { ...request, headers });
  const robot = { Authorization: `Basic ${Buffer.from(`acme+ci:${ids.robotToken}`).toString('base64')}` };
  const person = (name: keyof People): Send => by(people[name]);
  return {
    anonymous: person('anonymous'),
    stranger: person('stranger'),
    member: person('member'),
    reader: person('reader'),
    writer: person('writer'),
    admin: person('admin'),
    owner: person('owner'),
    robot: (method, path, request = {}) => sendAlone(registry.url, method, path, { ...request, headers: robot }),
    token: by(new ApiClient(registry, token)),
    superuser: person('superuser'),
    forged: by(people.owner, { 'X-CSRF-Token': 'guessed' }),
  };
}

/** Without a session of any kind. */
async function sendAlone(url: string, method: string, path: string, request: ApiRequest): Promise<ApiAnswer> {
  const { body, headers = {} } = request;
  const response = await fetch(`${url}${path}`, {
    ...{ method, redirect: 'manual' },
    headers: { ...headers, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return new ApiAnswer(response.status, response.headers, await response.text());
}
