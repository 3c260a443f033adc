import { Refused } from '../api/framework/problems.js';

/** Parameters of a browser route. Of one that comes more than once the first counts. */
export type Parameters = Pick<URLSearchParams, 'get'>;

/** What an application asks a user for (contract: organizations §7.3). */
export type Asked = {
  readonly clientId: string;
  readonly redirectUri: string;
  /** As it was written: a code is exchanged for these very letters. */
  readonly scope: string;
  /** `code` or `token`; anything else is refused when it is about to be answered. */
  readonly responseType: string;
  readonly state: string | null;
  readonly assignmentId: string | null;
};

/** Parameters are kept and repeated in addresses and pages. */
const LONGEST = 4_096;

/** @throws Refused */
export function requiredParameter(parameters: Parameters, name: string): string {
  const value = parameters.get(name);
  if (value === null || value === '') throw new Refused(400, `Required param: ${name}`);
  if (value.length > LONGEST) throw new Refused(400, `Param too long: ${name}`);
  return value;
}

/** An empty parameter is none. @throws Refused */
export function optionalParameter(parameters: Parameters, name: string): string | null {
  const value = parameters.get(name);
  return value === null || value === '' ? null : requiredParameter(parameters, name);
}

/** @throws Refused */
export const readAsked = (parameters: Parameters): Asked => ({
  clientId: requiredParameter(parameters, 'client_id'),
  redirectUri: requiredParameter(parameters, 'redirect_uri'),
  scope: requiredParameter(parameters, 'scope'),
  responseType: optionalParameter(parameters, 'response_type') ?? 'code',
  state: optionalParameter(parameters, 'state'),
  assignmentId: optionalParameter(parameters, 'assignment_uuid'),
});
