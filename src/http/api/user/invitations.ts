import type { OrganizationQueries } from '../../../projections/organizationQueries.js';

const INVITE = 'urn:teaminvite:';

/**
 * Whether an invite code proves that an address is its bearer's: who has it read the mail to that address
 * (contract: accounts §1, sign-up).
 */
export async function provesEmail(
  organizations: Pick<OrganizationQueries, 'invite'>,
  code: string | undefined,
  emailHmac: string | null,
): Promise<boolean> {
  if (code?.startsWith(INVITE) !== true || emailHmac === null) return false;
  const invite = await organizations.invite(code.slice(INVITE.length));
  return invite?.invitee === `email:${emailHmac}`;
}
