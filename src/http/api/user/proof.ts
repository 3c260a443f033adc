import type { AccountDocument } from '../../../projections/accounts.js';
import type { Credentials } from '../../auth/credentials.js';
import { LoginFailed } from '../../auth/login.js';

/** Who has the password, in whatever state his account may be; or why nobody has. @throws LoginLocked */
export async function proofOf(
  credentials: Pick<Credentials, 'owner'>,
  username: string,
  password: string,
): Promise<AccountDocument | LoginFailed> {
  try {
    return await credentials.owner(username, password);
  } catch (error) {
    if (error instanceof LoginFailed) return error;
    throw error;
  }
}
