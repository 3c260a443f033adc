import type { ApprovalType, ServiceKeyEvents } from '../domain/registry/serviceKey/events.js';
import type { JsonObject } from '../domain/shared/json.js';
import type { Sealed } from '../domain/shared/sealed.js';
import { isAlive, type Timestamp } from '../domain/shared/time.js';
import type { Collection } from '../ports/documentStore.js';
import { everything } from './pages.js';
import { on, type DocumentView, type Projection } from './projection.js';

export type ServiceKeyDocument = {
  readonly kid: string;
  readonly service: string;
  readonly name: string;
  /** Public members only. */
  readonly jwk: JsonObject;
  readonly metadata: JsonObject;
  readonly ip: Sealed | null;
  /** The event that the sealed address is bound to, as `<event id>/ip`. */
  readonly ipEvent: string;
  readonly created: Timestamp;
  readonly expires: Timestamp | null;
  readonly rotationSeconds: number | null;
  readonly approval: ServiceKeyApproval | null;
};

export type ServiceKeyApproval = {
  readonly type: ApprovalType;
  /** The account of who approved it; null: nobody in particular. */
  readonly approver: string | null;
  readonly approved: Timestamp;
  readonly notes: string;
};

const KEYS = 'serviceKeys';
const registry = on<ServiceKeyEvents>();
const own = ({ kid }: { readonly kid: string }) => [{ collection: KEYS, key: kid }];

function change(kid: string, view: DocumentView, by: Partial<ServiceKeyDocument>): void {
  const document = view.get<ServiceKeyDocument>(KEYS, kid);
  if (document) view.put(KEYS, kid, { ...document, ...by });
}

const documentOf = (
  { kid, service, name, jwk, metadata, ip, expires, rotationSeconds }: ServiceKeyEvents['ServiceKeyCreated'],
  { id, at }: { readonly id: string; readonly at: Timestamp },
): ServiceKeyDocument => ({
  ...{ kid, service, name, jwk, metadata, ip, ipEvent: id, created: at, expires, rotationSeconds, approval: null },
});

/** Public keys of services, approved or not, also when they have expired. */
export const serviceKeys: Projection = {
  name: 'serviceKeys',
  version: 1,
  collections: [{ name: KEYS, indexes: { byService: ['service', 'created'] } }],
  handlers: {
    ...registry('ServiceKeyCreated', {
      apply: (data, event, view) => {
        view.put(KEYS, data.kid, documentOf(data, event));
      },
    }),
    ...registry('ServiceKeyApproved', {
      reads: own,
      apply: ({ kid, approvalType: type, approver, notes }, { at }, view) => {
        change(kid, view, { approval: { type, approver, approved: at, notes } });
      },
    }),
    ...registry('ServiceKeyChanged', {
      reads: own,
      apply: ({ kid, ...changes }, _, view) => {
        change(kid, view, changes);
      },
    }),
    ...registry('ServiceKeyRotated', {
      apply: (data, event, view) => {
        const approval: ServiceKeyApproval = { type: 'Key Rotation', approver: null, approved: event.at, notes: '' };
        view.put(KEYS, data.signerKid, undefined);
        view.put(KEYS, data.kid, { ...documentOf(data, event), approval });
      },
    }),
    ...registry('ServiceKeyDeleted', {
      apply: ({ kid }, _, view) => {
        view.put(KEYS, kid, undefined);
      },
    }),
  },
};

export class ServiceKeyQueries {
  constructor(private readonly collection: Collection<ServiceKeyDocument>) {}

  byId(kid: string): Promise<ServiceKeyDocument | undefined> {
    return this.collection.get(kid);
  }

  /** All of them, in the order of their services and of their making. */
  all(): Promise<readonly ServiceKeyDocument[]> {
    return everything(this.collection, { index: 'byService', equals: [] });
  }

  /** Those that others may trust now. */
  async usable(service: string, now: Timestamp): Promise<readonly ServiceKeyDocument[]> {
    const keys = await everything(this.collection, { index: 'byService', equals: [service] });
    return keys.filter(({ approval, expires }) => approval !== null && isAlive(expires, now));
  }
}
