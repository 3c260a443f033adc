import type { AccountEvents } from '../domain/account/events.js';
import type { JsonObject } from '../domain/shared/json.js';
import {
  ACCOUNTS,
  APP_TOKENS,
  changeAccount,
  ownAccount,
  STARS,
  type AppTokenDocument,
  type StarsDocument,
} from './accountDocuments.js';
import { on, type DocumentView, type ProjectedEvent, type Projection } from './projection.js';

const account = on<AccountEvents>();
const ownStars = (_data: JsonObject, { streamId }: ProjectedEvent) => [{ collection: STARS, key: streamId }];

function changeStars(
  { streamId }: ProjectedEvent,
  view: DocumentView,
  by: (repositories: readonly string[]) => readonly string[],
): void {
  const { repositories } = view.get<StarsDocument>(STARS, streamId) ?? { repositories: [] };
  view.put(STARS, streamId, { repositories: by(repositories) });
}

/** What an account has of its own beside itself: tokens for applications, and stars. */
export const belongings: Projection['handlers'] = {
  ...account('AppTokenIssued', {
    reads: ownAccount,
    apply: ({ tokenId, title, lookup, token, expires }, event, view) => {
      // Fed again after the account's end, nobody would take it away any more.
      if (!view.get(ACCOUNTS, event.streamId)) return;
      const document: AppTokenDocument = {
        ...{ id: tokenId, accountId: event.streamId, title, lookup, expires },
        ...{ token, tokenEvent: event.id, created: event.at },
      };
      view.put(APP_TOKENS, tokenId, document);
      changeAccount(event, view, ({ appTokens }) => ({ appTokens: [...without(appTokens, tokenId), tokenId] }));
    },
  }),
  ...account('AppTokenRevoked', {
    reads: ownAccount,
    apply: ({ tokenId }, event, view) => {
      view.put(APP_TOKENS, tokenId, undefined);
      changeAccount(event, view, ({ appTokens }) => ({ appTokens: without(appTokens, tokenId) }));
    },
  }),
  ...account('RepositoryStarred', {
    reads: ownStars,
    apply: ({ repositoryId }, event, view) => {
      changeStars(event, view, (starred) => [...without(starred, repositoryId), repositoryId]);
    },
  }),
  ...account('RepositoryUnstarred', {
    reads: ownStars,
    apply: ({ repositoryId }, event, view) => {
      changeStars(event, view, (starred) => without(starred, repositoryId));
    },
  }),
};

const without = (ids: readonly string[], id: string): readonly string[] => ids.filter((each) => each !== id);
