import type { AccountDocument } from '../../../projections/accounts.js';
import type { Api } from '../api.js';
import { InvalidRequest, NotFound } from '../framework/problems.js';

/** @throws NotFound also for the names of organizations and robots */
export async function userNamed({ queries }: Pick<Api, 'queries'>, name: string): Promise<AccountDocument> {
  const account = await queries.accounts.byName(name);
  if (!account) throw new NotFound();
  return account;
}

/** Superusers are above what other superusers do. @throws InvalidRequest, NotFound */
export async function ordinaryUserNamed(
  api: Pick<Api, 'queries' | 'identities'>,
  name: string,
  refusal: string,
): Promise<AccountDocument> {
  const account = await userNamed(api, name);
  if (api.identities.callerOf(account).superuser) throw new InvalidRequest(refusal);
  return account;
}
