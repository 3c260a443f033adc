import { FirstAccountExists } from '../domain/account/errors.js';
import { NameTaken } from '../domain/names/name.js';
import type { AccountId } from '../domain/shared/ids.js';
import { accountLives } from './claimants.js';
import type { CommandContext } from './context.js';
import { claimName, releaseName } from './names.js';
import { accountStream, firstAccountStream } from './streamNames.js';
import type { Streams } from './streams.js';

/**
 * To be the first account is claimed in the log like a name, so of two processes that make one at the same time only one
 * does, however long the other one sleeps: before his claim is taken over, his account is barred by an event in its own
 * stream.
 *
 * @throws FirstAccountExists
 */
export async function claimFirstAccount(
  streams: Streams,
  context: CommandContext,
  accountId: AccountId,
): Promise<void> {
  try {
    await claimName(streams, context, {
      ...{ stream: firstAccountStream, name: 'the first account', claimant: accountStream(accountId) },
      bears: (owner) => accountLives(streams, owner, context),
    });
  } catch (error) {
    throw error instanceof NameTaken ? new FirstAccountExists() : error;
  }
}

export const releaseFirstAccount = (streams: Streams, context: CommandContext, accountId: AccountId): Promise<void> =>
  releaseName(streams, context, { stream: firstAccountStream, owner: accountStream(accountId) });
