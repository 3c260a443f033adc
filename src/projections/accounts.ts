import type { AccountEvents } from '../domain/account/events.js';
import { BY_KEY, type Collection, type Page } from '../ports/documentStore.js';
import { belongings } from './accountBelongings.js';
import {
  ACCOUNTS,
  APP_TOKENS,
  changeAccount,
  ownAccount,
  STARS,
  type AccountDocument,
  type AppTokenDocument,
  type StarsDocument,
} from './accountDocuments.js';
import { on, type DocumentView, type Projection } from './projection.js';

export type { AccountDocument, AppTokenDocument, StarsDocument } from './accountDocuments.js';

const account = on<AccountEvents>();

function remove(streamId: string, view: DocumentView): void {
  const { appTokens } = view.get<AccountDocument>(ACCOUNTS, streamId) ?? { appTokens: [] };
  for (const id of appTokens) view.put(APP_TOKENS, id, undefined);
  view.put(STARS, streamId, undefined);
  view.put(ACCOUNTS, streamId, undefined);
}

/** People: to find an account by name or e-mail, to check its credentials, and what it has of its own. */
export const accounts: Projection = {
  name: 'accounts',
  version: 3,
  collections: [
    { name: ACCOUNTS, indexes: { byName: ['name'], byEmail: ['emailHmac'] } },
    { name: APP_TOKENS, indexes: { byLookup: ['lookup'] } },
    { name: STARS, indexes: {} },
  ],
  handlers: {
    ...belongings,
    ...account('AccountRegistered', {
      apply: ({ name, namespaceId, email, emailHmac, verified }, { id, streamId, at }, view) => {
        const document: AccountDocument = {
          ...{ id: streamId, name, namespaceId, email, emailHmac, emailEvent: email && id, verified },
          ...{ profile: null, profileEvent: null, disabled: false, superuser: false },
          ...{ passwordHash: null, passwordEvent: null, passwordGeneration: 0 },
          ...{ sessionsEnded: 0, sessionGeneration: 0, appTokens: [], registered: at },
        };
        view.put(ACCOUNTS, streamId, document);
      },
    }),
    ...account('AccountRenamed', {
      reads: ownAccount,
      apply: ({ name }, event, view) => {
        changeAccount(event, view, () => ({ name }));
      },
    }),
    ...account('EmailVerified', {
      reads: ownAccount,
      apply: (_, event, view) => {
        changeAccount(event, view, () => ({ verified: true }));
      },
    }),
    ...account('EmailChanged', {
      reads: ownAccount,
      apply: ({ email, emailHmac }, event, view) => {
        changeAccount(event, view, () => ({ email, emailHmac, emailEvent: email && event.id, verified: true }));
      },
    }),
    ...account('ProfileChanged', {
      reads: ownAccount,
      apply: ({ profile }, event, view) => {
        changeAccount(event, view, () => ({ profile, profileEvent: event.id }));
      },
    }),
    ...account('PasswordChanged', {
      reads: ownAccount,
      apply: ({ passwordHash, generation }, event, view) => {
        changeAccount(event, view, ({ sessionsEnded }) => ({
          ...{ passwordHash, passwordEvent: event.id, passwordGeneration: generation },
          sessionGeneration: generation + sessionsEnded,
        }));
      },
    }),
    ...account('SessionsEnded', {
      reads: ownAccount,
      apply: ({ generation }, event, view) => {
        changeAccount(event, view, ({ passwordGeneration }) => ({
          sessionsEnded: generation,
          sessionGeneration: passwordGeneration + generation,
        }));
      },
    }),
    ...account('SuperuserGranted', {
      reads: ownAccount,
      apply: (_, event, view) => {
        changeAccount(event, view, () => ({ superuser: true }));
      },
    }),
    ...account('SuperuserRevoked', {
      reads: ownAccount,
      apply: (_, event, view) => {
        changeAccount(event, view, () => ({ superuser: false }));
      },
    }),
    ...account('AccountDisabled', {
      reads: ownAccount,
      apply: (_, event, view) => {
        changeAccount(event, view, () => ({ disabled: true }));
      },
    }),
    ...account('AccountEnabled', {
      reads: ownAccount,
      apply: (_, event, view) => {
        changeAccount(event, view, () => ({ disabled: false }));
      },
    }),
    ...account('AccountConverted', {
      reads: ownAccount,
      apply: (_, { streamId }, view) => {
        remove(streamId, view);
      },
    }),
    ...account('AccountDeleted', {
      reads: ownAccount,
      apply: (_, { streamId }, view) => {
        remove(streamId, view);
      },
    }),
  },
};

export class AccountQueries {
  constructor(
    private readonly collections: {
      readonly accounts: Collection<AccountDocument>;
      readonly appTokens: Collection<AppTokenDocument>;
      readonly stars: Collection<StarsDocument>;
    },
  ) {}

  byId(id: string): Promise<AccountDocument | undefined> {
    return this.collections.accounts.get(id);
  }

  /** In the order of the ids; undefined where there is none. */
  byIds(ids: readonly string[]): Promise<readonly (AccountDocument | undefined)[]> {
    return this.collections.accounts.getMany(ids);
  }

  async byName(name: string): Promise<AccountDocument | undefined> {
    return (await this.collections.accounts.find({ index: 'byName', equals: [name], limit: 1 })).documents[0];
  }

  /** @param emailHmac see `Sealing.lookup` */
  async byEmail(emailHmac: string): Promise<AccountDocument | undefined> {
    return (await this.collections.accounts.find({ index: 'byEmail', equals: [emailHmac], limit: 1 })).documents[0];
  }

  /** Everybody, in the order in which they registered. */
  inOrder(limit: number, cursor?: string): Promise<Page<AccountDocument>> {
    const query = { index: BY_KEY, equals: [], limit } as const;
    return this.collections.accounts.find(cursor === undefined ? query : { ...query, cursor });
  }

  async isEmpty(): Promise<boolean> {
    return (await this.collections.accounts.find({ index: 'byName', equals: [], limit: 1 })).documents.length === 0;
  }

  appToken(id: string): Promise<AppTokenDocument | undefined> {
    return this.collections.appTokens.get(id);
  }

  /** @param lookup HMAC of the first half of a token, see `commands/appTokens.ts` */
  async appTokenByLookup(lookup: string): Promise<AppTokenDocument | undefined> {
    return (await this.collections.appTokens.find({ index: 'byLookup', equals: [lookup], limit: 1 })).documents[0];
  }

  /** Somebody's tokens in the order in which they were issued, expired ones too. */
  async appTokensOf({ appTokens }: AccountDocument): Promise<readonly AppTokenDocument[]> {
    return (await this.collections.appTokens.getMany(appTokens)).filter((token) => token !== undefined);
  }

  /** Everybody's tokens in the order in which they were issued, expired ones too. */
  allAppTokens(limit: number, cursor?: string): Promise<Page<AppTokenDocument>> {
    const query = { index: BY_KEY, equals: [], limit } as const;
    return this.collections.appTokens.find(cursor === undefined ? query : { ...query, cursor });
  }

  /** The ids of the repositories that somebody starred, in the order of their creation: ids rise with time. */
  async starredBy(accountId: string): Promise<readonly string[]> {
    return [...((await this.collections.stars.get(accountId))?.repositories ?? [])].sort();
  }
}
