import type { NamespaceEvents, NamespaceKind } from '../domain/namespace/events.js';
import type { JsonObject } from '../domain/shared/json.js';
import type { Collection, Page } from '../ports/documentStore.js';
import { on, type DocumentView, type ProjectedEvent, type Projection } from './projection.js';

export type NamespaceDocument = {
  readonly id: string;
  readonly name: string;
  readonly kind: NamespaceKind;
  /** The account whose namespace it is; null for an organization. */
  readonly owner: string | null;
  readonly timeMachineSeconds: number;
  readonly disabled: boolean;
};

const NAMESPACES = 'namespaces';
const namespace = on<NamespaceEvents>();
const own = (_data: JsonObject, { streamId }: ProjectedEvent) => [{ collection: NAMESPACES, key: streamId }];

function change(event: ProjectedEvent, view: DocumentView, by: Partial<NamespaceDocument>): void {
  const document = view.get<NamespaceDocument>(NAMESPACES, event.streamId);
  if (document) view.put(NAMESPACES, event.streamId, { ...document, ...by });
}

/** Namespaces of users and organizations, by id and by name. */
export const namespaces: Projection = {
  name: 'namespaces',
  version: 1,
  collections: [{ name: NAMESPACES, indexes: { byName: ['name'] } }],
  handlers: {
    ...namespace('NamespaceCreated', {
      apply: (data, { streamId }, view) => {
        const document: NamespaceDocument = { id: streamId, ...data, disabled: false };
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

  /** In order of name, from a name on (inclusive). */
  fromName(name: string, limit: number): Promise<Page<NamespaceDocument>> {
    return this.collection.find({ index: 'byName', equals: [], from: name, limit });
  }
}
