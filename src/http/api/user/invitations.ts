import { inviteCodeLookup } from '../../../commands/teams.js';
import { codeInUrn } from '../../../domain/organization/invite/code.js';
import type { Api } from '../api.js';

/**
 * Whether an invite code proves that an address is its bearer's: who has it read the mail to that address
 * (contract: accounts §1, sign-up).
 */
export async function provesEmail(
  { queries, sealing }: Pick<Api, 'queries' | 'sealing'>,
  urn: string | undefined,
  emailHmac: string | null,
): Promise<boolean> {
  const code = urn === undefined ? undefined : codeInUrn(urn);
  if (code === undefined || emailHmac === null) return false;
  const invite = await queries.organizations.inviteByCode(code, await inviteCodeLookup(sealing, code));
  return invite?.invitee === `email:${emailHmac}`;
}
