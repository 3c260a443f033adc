import type { NamespaceEvents, NamespaceKind } from '../domain/namespace/events.js';
import type { JsonObject } from '../domain/shared/json.js';
import type { Sealed } from '../domain/shared/sealed.js';
import type { Collection, Page } from '../ports/documentStore.js';
import { everything } from './pages.js';
import { on, type DocumentView, type ProjectedEvent, type Projection } from './projection.js';

export type NamespaceDocument = {
  readonly id: string;
  readonly name: string;
  readonly kind: NamespaceKind;
  /** The account whose namespace it is; null for an organization. */
  readonly owner: string | null;
  readonly timeMachineSeconds: number;
  readonly disabled: boolean;
  readonly contactEmail: Sealed | null;
  readonly contactEmailHmac: string | null;
  /** What the sealed address is bound to. */
  readonly contactEmailEvent: string | null;
  /** Whether invoices are sent by e-mail, and where to, if not to the contact address. */
  readonly invoiceEmail: boolean;
  readonly invoiceEmailAddress: Sealed | null;
  readonly invoiceEmailAddressEvent: string | null;
};

const NAMESPACES = 'namespaces';
const namespace = on<NamespaceEvents>();
const own = (_data: JsonObject, { streamId }: ProjectedEvent) => [{ collection: NAMESPACES, key: streamId }];

function change(event: ProjectedEvent, view: DocumentView, by: Partial<NamespaceDocument>): void {
  const document = view.get<NamespaceDocument>(NAMESPACES, event.streamId);
  if (document) view.put(NAMESPACES, event.streamId, { ...document, ...by });
}

const WITHOUT_ADDRESSES = {
  contactEmail: null,
  contactEmailHmac: null,
  contactEmailEvent: null,
  invoiceEmail: false,
  invoiceEmailAddress: null,
  invoiceEmailAddressEvent: null,
} as const;

/** Namespaces of users and organizations, by id and by name. */
export const namespaces: Projection = {
  name: 'namespaces',
  version: 3,
  collections: [
    {
      name: NAMESPACES,
      indexes: { byName: ['name'], byKind: ['kind', 'name'], byContact: ['contactEmailHmac', 'kind'] },
    },
  ],
  handlers: {
    ...namespace('NamespaceCreated', {
      apply: (data, { streamId }, view) => {
        const { name, kind, owner, timeMachineSeconds } = data;
        const named = { id: streamId, name, kind, owner, timeMachineSeconds, disabled: false };
        const document: NamespaceDocument = { ...named, ...WITHOUT_ADDRESSES };
        view.put(NAMESPACES, streamId, document);
      },
    }),
    ...namespace('TimeMachineWindowSet', {
      reads: own,
      apply: ({ seconds }, event, view) => {
        change(event, view, { timeMachineSeconds: seconds });
      },
    }),
    ...namespace('NamespaceDisabled', {
      reads: own,
      apply: (_, event, view) => {
        change(event, view, { disabled: true });
      },
    }),
    ...namespace('NamespaceEnabled', {
      reads: own,
      apply: (_, event, view) => {
        change(event, view, { disabled: false });
      },
    }),
    ...namespace('NamespaceRenamed', {
      reads: own,
      apply: ({ name }, event, view) => {
        change(event, view, { name });
      },
    }),
    ...namespace('NamespaceConverted', {
      reads: own,
      apply: (_, event, view) => {
        change(event, view, { kind: 'organization', owner: null });
      },
    }),
    ...namespace('ContactEmailSet', {
      reads: own,
      apply: ({ email, emailHmac }, event, view) => {
        const contactEmailHmac = emailHmac;
        change(event, view, { contactEmail: email, contactEmailHmac, contactEmailEvent: event.id });
      },
    }),
    ...namespace('InvoicingSet', {
      reads: own,
      apply: ({ invoiceEmail, invoiceEmailAddress }, event, view) => {
        if (invoiceEmail !== undefined) change(event, view, { invoiceEmail });
        if (invoiceEmailAddress !== undefined)
          change(event, view, { invoiceEmailAddress, invoiceEmailAddressEvent: event.id });
      },
    }),
    ...namespace('NamespaceDeleted', {
      apply: (_, { streamId }, view) => {
        view.put(NAMESPACES, streamId, undefined);
      },
    }),
  },
};

export class NamespaceQueries {
  constructor(private readonly collection: Collection<NamespaceDocument>) {}

  byId(id: string): Promise<NamespaceDocument | undefined> {
    return this.collection.get(id);
  }

  async byName(name: string): Promise<NamespaceDocument | undefined> {
    return (await this.collection.find({ index: 'byName', equals: [name], limit: 1 })).documents[0];
  }

  /** In the order of the ids; undefined where there is none. */
  byIds(ids: readonly string[]): Promise<readonly (NamespaceDocument | undefined)[]> {
    return this.collection.getMany(ids);
  }

  /** Those of users or of organizations, in order of name. */
  ofKind(kind: NamespaceKind, limit: number, cursor?: string): Promise<Page<NamespaceDocument>> {
    const query = { index: 'byKind', equals: [kind], limit } as const;
    return this.collection.find(cursor === undefined ? query : { ...query, cursor });
  }

  /** The organizations that are reached at an address, the oldest first. @param hmac see `Sealing.lookup` */
  organizationsAt(hmac: string): Promise<readonly NamespaceDocument[]> {
    return everything(this.collection, { index: 'byContact', equals: [hmac, 'organization'] });
  }

  /** In order of name, from a name on (inclusive). */
  fromName(name: string, limit: number): Promise<Page<NamespaceDocument>> {
    return this.collection.find({ index: 'byName', equals: [], from: name, limit });
  }
}
