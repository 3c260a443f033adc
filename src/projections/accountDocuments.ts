import type { JsonObject } from '../domain/shared/json.js';
import type { Sealed } from '../domain/shared/sealed.js';
import type { Timestamp } from '../domain/shared/time.js';
import type { DocumentRef, DocumentView, ProjectedEvent } from './projection.js';

export type AccountDocument = {
  readonly id: string;
  readonly name: string;
  readonly namespaceId: string;
  readonly email: Sealed | null;
  readonly emailHmac: string | null;
  /** What the sealed address is bound to. */
  readonly emailEvent: string | null;
  readonly verified: boolean;
  /** JSON of what he tells of himself; null: nothing. */
  readonly profile: Sealed | null;
  /** What the sealed profile is bound to; null: he was never asked. */
  readonly profileEvent: string | null;
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
  /** The ids of his tokens, in the order in which they were issued. */
  readonly appTokens: readonly string[];
  readonly registered: Timestamp;
};

export type AppTokenDocument = {
  readonly id: string;
  readonly accountId: string;
  readonly title: string;
  /** HMAC of the first half of the token. */
  readonly lookup: string;
  readonly token: Sealed;
  /** What the sealed token is bound to. */
  readonly tokenEvent: string;
  readonly created: Timestamp;
  readonly expires: Timestamp | null;
};

/** The ids of what somebody starred; those of repositories that are gone stay. */
export type StarsDocument = { readonly repositories: readonly string[] };

export const ACCOUNTS = 'accounts';
export const APP_TOKENS = 'appTokens';
export const STARS = 'stars';

export const ownAccount = (_data: JsonObject, { streamId }: ProjectedEvent): readonly DocumentRef[] => [
  { collection: ACCOUNTS, key: streamId },
];

export function changeAccount(
  event: ProjectedEvent,
  view: DocumentView,
  by: (document: AccountDocument) => Partial<AccountDocument>,
): void {
  const document = view.get<AccountDocument>(ACCOUNTS, event.streamId);
  if (document) view.put(ACCOUNTS, event.streamId, { ...document, ...by(document) });
}
