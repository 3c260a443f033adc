import { accountAggregate } from '../domain/account/account.js';
import { decideDismiss, decideStar } from '../domain/account/choices.js';
import type { AccountId, RepositoryId } from '../domain/shared/ids.js';
import type { CommandContext } from './context.js';
import { accountStream } from './streamNames.js';
import type { Streams } from './streams.js';

/** What somebody arranges for himself alone. */
export class ChoiceCommands {
  constructor(private readonly streams: Streams) {}

  async setStarred(
    accountId: AccountId,
    repositoryId: RepositoryId,
    starred: boolean,
    context: CommandContext,
  ): Promise<void> {
    await this.streams.decide(accountAggregate, accountStream(accountId), context, (state) =>
      decideStar(repositoryId, starred, state),
    );
  }

  async setDismissed(
    accountId: AccountId,
    notificationId: string,
    dismissed: boolean,
    context: CommandContext,
  ): Promise<void> {
    await this.streams.decide(accountAggregate, accountStream(accountId), context, (state) =>
      decideDismiss(notificationId, dismissed, state),
    );
  }
}
