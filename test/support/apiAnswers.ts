import { expect } from '@jest/globals';

/** Status and body of refusals as the management API says them (contract: conventions §7), for `both` of an answer. */
export const problem = (status: number, code: string, detail: string): [number, unknown] => [
  status,
  expect.objectContaining({ detail, error_message: detail, error_type: code, title: code, status }),
];

export const invalid = (detail: string): [number, unknown] => problem(400, 'invalid_request', detail);
export const notFound = problem(404, 'not_found', 'Not Found');
export const forbidden = problem(403, 'insufficient_scope', 'Unauthorized');
export const unauthenticated = problem(401, 'invalid_token', 'Requires authentication');
/** A rule of the data layer. */
export const rule = (message: string): [number, unknown] => [400, { message }];

/** Success without a body. */
export const done: [number, unknown] = [204, ''];

/** Any avatar of that name and kind. */
export const avatar = (name: string, kind: 'user' | 'robot' | 'org' | 'team' | 'app'): unknown => ({
  ...{ name, kind },
  hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  color: expect.stringMatching(/^#[0-9a-f]{6}$/),
});
