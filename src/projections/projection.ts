import type { EventType } from '../domain/catalogue.js';
import type { Position, StreamName } from '../domain/shared/ids.js';
import type { JsonObject } from '../domain/shared/json.js';
import type { Timestamp } from '../domain/shared/time.js';
import type { CollectionSpec } from '../ports/documentStore.js';

/** An event as projections see it: upcast, with its place in the log. */
export type ProjectedEvent = {
  readonly id: string;
  readonly type: EventType;
  readonly data: JsonObject;
  readonly stream: StreamName;
  /** The part of the stream's name after its category: the id of what it is about. */
  readonly streamId: string;
  readonly revision: number;
  readonly position: Position;
  readonly at: Timestamp;
};

export type DocumentRef = { readonly collection: string; readonly key: string };

/** The documents of a lane while a batch is applied; what `reads` named is loaded beforehand. */
export interface DocumentView {
  /** @throws Error if the event's `reads` did not name the document: a mistake in the projection */
  get<Document extends JsonObject>(collection: string, key: string): Document | undefined;
  /** `undefined` deletes. */
  put(collection: string, key: string, document: JsonObject | undefined): void;
}

/** What one type of event does to the documents of a projection. */
export type Handler = {
  /** The documents that `apply` looks at, so that a batch loads them in one go. */
  readonly reads: (event: ProjectedEvent) => readonly DocumentRef[];
  /** Absolute values only: applied twice, it changes nothing. */
  readonly apply: (event: ProjectedEvent, view: DocumentView) => void;
};

/** A read model as data: rebuilding, versioning and verification are generic. */
export type Projection = {
  readonly name: string;
  /** Raise it when the documents' meaning changes: a new version is built beside the old one. */
  readonly version: number;
  readonly collections: readonly CollectionSpec[];
  readonly handlers: { readonly [Type in EventType]?: Handler };
};

type DataOf<Map extends { readonly [type: string]: JsonObject }, Type extends keyof Map> = Map[Type];

/**
 * Types a handler by the event map that its type belongs to. The one place where a projection trusts the catalogue:
 * `upcast` has checked the type and lifted the data to the present schema.
 */
export function on<Map extends { readonly [type: string]: JsonObject }>() {
  return <Type extends keyof Map & string>(
    _type: Type,
    handler: {
      readonly reads?: (data: DataOf<Map, Type>, event: ProjectedEvent) => readonly DocumentRef[];
      readonly apply: (data: DataOf<Map, Type>, event: ProjectedEvent, view: DocumentView) => void;
    },
  ): { readonly [key in Type]: Handler } => {
    const { reads, apply } = handler;
    const typed: Handler = {
      reads: reads ? (event) => reads(event.data as DataOf<Map, Type>, event) : () => [],
      apply: (event, view) => {
        apply(event.data as DataOf<Map, Type>, event, view);
      },
    };
    return { [_type]: typed } as { readonly [key in Type]: Handler };
  };
}
