import { accountAggregate } from '../domain/account/account.js';
import { EmailTaken } from '../domain/account/errors.js';
import { NameTaken } from '../domain/names/name.js';
import type { AccountId, StreamName } from '../domain/shared/ids.js';
import type { CommandContext } from './context.js';
import { claimName, releaseName, waitForCreation } from './names.js';
import type { Sealing } from './sealing.js';
import { accountStream, emailNameStream } from './streamNames.js';
import type { Streams } from './streams.js';

/** Addresses that differ in capitals alone are one; the log knows them by their HMAC only. */
export const emailHmac = (sealing: Pick<Sealing, 'lookup'>, email: string): Promise<string> =>
  sealing.lookup('email', email.toLowerCase());

/** Claims an address that no other account may have. @throws EmailTaken */
export async function claimEmail(
  streams: Streams,
  context: CommandContext,
  { email, hmac, accountId }: { readonly email: string; readonly hmac: string; readonly accountId: AccountId },
): Promise<void> {
  const claim = {
    stream: emailNameStream(hmac),
    name: hmac,
    claimant: accountStream(accountId),
    bears: (owner: StreamName) => accountBears(streams, owner, hmac, context),
  };
  try {
    await claimName(streams, context, claim);
  } catch (error) {
    throw error instanceof NameTaken ? new EmailTaken(email) : error;
  }
}

export const releaseEmail = (
  streams: Streams,
  context: CommandContext,
  { hmac, accountId }: { readonly hmac: string; readonly accountId: AccountId },
): Promise<void> => releaseName(streams, context, { stream: emailNameStream(hmac), owner: accountStream(accountId) });

/**
 * An account bears its address until it changes it or ends; one whose registration got stuck never did, and one whose
 * change of address got stuck is told so.
 */
async function accountBears(
  streams: Streams,
  owner: StreamName,
  hmac: string,
  context: CommandContext,
): Promise<boolean> {
  await waitForCreation(async () => {
    const state = await streams.load(accountAggregate, owner);
    return state.kind !== 'none' && (state.kind !== 'active' || state.emailHmac === hmac);
  });
  const { state } = await streams.decide(accountAggregate, owner, context, (account) => {
    if (account.kind === 'none') return [{ type: 'CreationAbandoned', data: {} }];
    if (account.kind !== 'active' || account.emailHmac === hmac) return [];
    return [{ type: 'NameClaimLapsed', data: { name: hmac } }];
  });
  return state.kind === 'active' && state.emailHmac === hmac;
}
