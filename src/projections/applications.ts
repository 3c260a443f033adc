import type { NamespaceEvents } from '../domain/namespace/events.js';
import type { ApplicationEvents } from '../domain/organization/application/events.js';
import type { JsonObject } from '../domain/shared/json.js';
import type { Sealed } from '../domain/shared/sealed.js';
import type { Timestamp } from '../domain/shared/time.js';
import { on, type DocumentRef, type DocumentView, type ProjectedEvent, type Projection } from './projection.js';

export type ApplicationDocument = {
  readonly clientId: string;
  readonly namespaceId: string;
  readonly name: string;
  readonly description: string;
  readonly applicationUri: string;
  readonly redirectUri: string;
  readonly avatarEmail: Sealed | null;
  /** What the sealed e-mail is bound to. */
  readonly avatarEvent: string;
  readonly secret: Sealed;
  /** What the sealed secret is bound to. */
  readonly secretEvent: string;
};

/** A token that was not revoked; it may have expired. */
export type ApplicationTokenDocument = {
  readonly id: string;
  readonly clientId: string;
  readonly namespaceId: string;
  /** Whom it acts for. */
  readonly accountId: string;
  readonly scope: string;
  readonly name: string | null;
  readonly lookup: string;
  readonly created: Timestamp;
  readonly expires: Timestamp | null;
  readonly issuedBy: string;
};

/** A token that somebody else may make for himself. */
export type AssignmentDocument = {
  readonly id: string;
  readonly clientId: string;
  readonly namespaceId: string;
  readonly accountId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly responseType: string;
  readonly created: Timestamp;
};

/** The applications of one namespace, so that they end with it. */
type OwnerDocument = { readonly clientIds: readonly string[] };

const APPLICATIONS = 'applications';
const TOKENS = 'tokens';
const ASSIGNMENTS = 'assignments';
const OWNERS = 'owners';

const application = on<ApplicationEvents>();
const namespace = on<NamespaceEvents>();
const named = ({ clientId }: { readonly clientId: string }): readonly DocumentRef[] => [
  { collection: APPLICATIONS, key: clientId },
];
const owner = (_data: JsonObject, { streamId }: ProjectedEvent): readonly DocumentRef[] => [
  { collection: OWNERS, key: streamId },
];

function change(view: DocumentView, clientId: string, by: Partial<ApplicationDocument>): void {
  const document = view.get<ApplicationDocument>(APPLICATIONS, clientId);
  if (document) view.put(APPLICATIONS, clientId, { ...document, ...by });
}

const ownedBy = (view: DocumentView, namespaceId: string): readonly string[] =>
  view.get<OwnerDocument>(OWNERS, namespaceId)?.clientIds ?? [];

function own(view: DocumentView, namespaceId: string, clientIds: readonly string[]): void {
  const document: OwnerDocument = { clientIds };
  view.put(OWNERS, namespaceId, clientIds.length === 0 ? undefined : document);
}

/**
 * OAuth applications, the tokens that were made for them and those that others may make.
 *
 * Tokens and assignments of an application that was removed stay: a namespace never uses a client id again, and
 * no query shows what belongs to no application.
 */
export const applications: Projection = {
  name: 'applications',
  version: 3,
  collections: [
    { name: APPLICATIONS, indexes: { byNamespace: ['namespaceId', 'name'], byName: ['name'] } },
    {
      name: TOKENS,
      // Ids rise with time: the order of ids is that of creation.
      indexes: { byLookup: ['lookup'], byAccount: ['accountId', 'id'], byApplication: ['clientId', 'id'] },
    },
    { name: ASSIGNMENTS, indexes: { byAccount: ['accountId', 'id'] } },
    { name: OWNERS, indexes: {} },
  ],
  handlers: {
    ...application('ApplicationRegistered', {
      reads: owner,
      apply: (data, { id, streamId }, view) => {
        const document: ApplicationDocument = { ...data, namespaceId: streamId, avatarEvent: id, secretEvent: id };
        view.put(APPLICATIONS, data.clientId, document);
        own(view, streamId, [...new Set([...ownedBy(view, streamId), data.clientId])]);
      },
    }),
    ...application('ApplicationChanged', {
      reads: named,
      apply: (data, { id }, view) => {
        change(view, data.clientId, { ...data, avatarEvent: id });
      },
    }),
    ...application('ApplicationSecretReset', {
      reads: named,
      apply: ({ clientId, secret }, { id }, view) => {
        change(view, clientId, { secret, secretEvent: id });
      },
    }),
    ...application('ApplicationRemoved', {
      reads: owner,
      apply: ({ clientId }, { streamId }, view) => {
        view.put(APPLICATIONS, clientId, undefined);
        const others = ownedBy(view, streamId).filter((each) => each !== clientId);
        own(view, streamId, others);
      },
    }),
    ...application('ApplicationTokenIssued', {
      apply: ({ tokenId, ...data }, { streamId, at }, view) => {
        const document: ApplicationTokenDocument = { id: tokenId, namespaceId: streamId, created: at, ...data };
        view.put(TOKENS, tokenId, document);
      },
    }),
    ...application('ApplicationTokenRevoked', {
      apply: ({ tokenId }, _, view) => {
        view.put(TOKENS, tokenId, undefined);
      },
    }),
    ...application('AuthorizationAssigned', {
      apply: ({ assignmentId, ...data }, { streamId, at }, view) => {
        const document: AssignmentDocument = { id: assignmentId, namespaceId: streamId, created: at, ...data };
        view.put(ASSIGNMENTS, assignmentId, document);
      },
    }),
    ...application('AuthorizationAssignmentRemoved', {
      apply: ({ assignmentId }, _, view) => {
        view.put(ASSIGNMENTS, assignmentId, undefined);
      },
    }),
    ...namespace('NamespaceDeleted', {
      reads: owner,
      apply: (_, { streamId }, view) => {
        for (const clientId of ownedBy(view, streamId)) view.put(APPLICATIONS, clientId, undefined);
        own(view, streamId, []);
      },
    }),
  },
};
