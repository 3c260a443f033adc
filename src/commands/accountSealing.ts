import { AccountUnknown } from '../domain/account/errors.js';
import type { AccountId } from '../domain/shared/ids.js';
import type { Sealed } from '../domain/shared/sealed.js';
import { KeyDestroyed } from '../ports/keyStore.js';
import { accountSubject, type Sealing } from './sealing.js';

/** Seals what belongs to an account. @throws AccountUnknown if it was deleted, and its key with it */
export async function sealForAccount(
  sealing: Pick<Sealing, 'seal'>,
  accountId: AccountId,
  binding: string,
  plain: string,
): Promise<Sealed> {
  try {
    return await sealing.seal(accountSubject(accountId), binding, plain);
  } catch (error) {
    throw error instanceof KeyDestroyed ? new AccountUnknown() : error;
  }
}
