import type { AccountEvents } from '../domain/account/events.js';
import type { JsonObject } from '../domain/shared/json.js';
import type { Sealed } from '../domain/shared/sealed.js';
import type { Collection } from '../ports/documentStore.js';
import { on, type DocumentView, type ProjectedEvent, type Projection } from './projection.js';

export type AccountDocument = {
  readonly id: string;
  readonly name: string;
  readonly namespaceId: string;
  readonly emailHmac: string | null;
  readonly verified: boolean;
  readonly disabled: boolean;
  readonly superuser: boolean;
  /** Argon2id in PHC form, sealed; null: no password login. */
  readonly passwordHash: Sealed | null;
  /** What the sealed hash is bound to. */
  readonly passwordEvent: string | null;
  readonly passwordGeneration: number;
  /** How often all sessions were ended. */
  readonly sessionsEnded: number;
  /** Rises when sessions are ended and with each password: a session that began with a lower one is over. */
  readonly sessionGeneration: number;
};

const ACCOUNTS = 'accounts';
const account = on<AccountEvents>();
const own = (_data: JsonObject, { streamId }: ProjectedEvent) => [{ collection: ACCOUNTS, key: streamId }];

function change(
  event: ProjectedEvent,
  view: DocumentView,
  by: (document: AccountDocument) => Partial<AccountDocument>,
): void {
  const document = view.get<AccountDocument>(ACCOUNTS, event.streamId);
  if (document) view.put(ACCOUNTS, event.streamId, { ...document, ...by(document) });
}

/** People: to find an account by name or e-mail and to check its credentials. */
export const accounts: Projection = {
  name: 'accounts',
  version: 2,
  collections: [{ name: ACCOUNTS, indexes: { byName: ['name'], byEmail: ['emailHmac'] } }],
  handlers: {
    ...account('AccountRegistered', {
      apply: ({ name, namespaceId, emailHmac, verified }, { streamId }, view) => {
        const document: AccountDocument = {
          id: streamId,
          name,
          namespaceId,
          emailHmac,
          verified,
          disabled: false,
          superuser: false,
          passwordHash: null,
          passwordEvent: null,
          passwordGeneration: 0,
          sessionsEnded: 0,
          sessionGeneration: 0,
        };
        view.put(ACCOUNTS, streamId, document);
      },
    }),
    ...account('PasswordChanged', {
      reads: own,
      apply: ({ passwordHash, generation }, event, view) => {
        change(event, view, (document) => ({
          ...{ passwordHash, passwordEvent: event.id, passwordGeneration: generation },
          sessionGeneration: generation + document.sessionsEnded,
        }));
      },
    }),
    ...account('SessionsEnded', {
      reads: own,
      apply: ({ generation }, event, view) => {
        change(event, view, (document) => ({
          sessionsEnded: generation,
          sessionGeneration: document.passwordGeneration + generation,
        }));
      },
    }),
    ...account('SuperuserGranted', {
      reads: own,
      apply: (_, event, view) => {
        change(event, view, () => ({ superuser: true }));
      },
    }),
    ...account('SuperuserRevoked', {
      reads: own,
      apply: (_, event, view) => {
        change(event, view, () => ({ superuser: false }));
      },
    }),
    ...account('AccountDisabled', {
      reads: own,
      apply: (_, event, view) => {
        change(event, view, () => ({ disabled: true }));
      },
    }),
    ...account('AccountEnabled', {
      reads: own,
      apply: (_, event, view) => {
        change(event, view, () => ({ disabled: false }));
      },
    }),
    ...account('AccountDeleted', {
      apply: (_, { streamId }, view) => {
        view.put(ACCOUNTS, streamId, undefined);
      },
    }),
  },
};

export class AccountQueries {
  constructor(private readonly collection: Collection<AccountDocument>) {}

  byId(id: string): Promise<AccountDocument | undefined> {
    return this.collection.get(id);
  }

  async byName(name: string): Promise<AccountDocument | undefined> {
    return (await this.collection.find({ index: 'byName', equals: [name], limit: 1 })).documents[0];
  }

  /** @param emailHmac see `Sealing.lookup` */
  async byEmail(emailHmac: string): Promise<AccountDocument | undefined> {
    return (await this.collection.find({ index: 'byEmail', equals: [emailHmac], limit: 1 })).documents[0];
  }

  async isEmpty(): Promise<boolean> {
    return (await this.collection.find({ index: 'byName', equals: [], limit: 1 })).documents.length === 0;
  }
}
