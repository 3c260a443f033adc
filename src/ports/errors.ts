/** What an engine may answer, whichever engine it is. Not domain errors: no user caused them. */

/** Somebody else appended first; read the stream again and decide anew. */
export class RevisionConflict extends Error {
  constructor(
    readonly stream: string,
    readonly expected: number | 'no-stream',
  ) {
    super(`stream ${stream} is not at revision ${expected}`);
    this.name = 'RevisionConflict';
  }
}

/** An event with the same id is in the log already, elsewhere than at the revision that the append names. */
export class EventIdTaken extends Error {
  constructor(readonly stream: string) {
    super(`an event appended to ${stream} has an id that the log knows already`);
    this.name = 'EventIdTaken';
  }
}

export class EventsTooLarge extends Error {
  constructor(readonly bytes: number) {
    super(`an append of ${bytes} bytes is more than the event store takes`);
    this.name = 'EventsTooLarge';
  }
}

/** The engine is away; the call may or may not have taken effect. */
export class StoreUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreUnavailable';
  }
}

/** The read models trail behind the log. The message, which clients are told, says whether something was written. */
export class ReadModelsTrail extends StoreUnavailable {
  constructor(message: string) {
    super(message);
    this.name = 'ReadModelsTrail';
  }
}

/** A compare-and-set lost: the record is not at the expected version. */
export class VersionConflict extends Error {
  constructor(
    readonly collection: string,
    readonly key: string,
  ) {
    super(`record ${collection}/${key} was changed by somebody else`);
    this.name = 'VersionConflict';
  }
}

/** The staged bytes end elsewhere than at the offset that the caller named. */
export class OffsetConflict extends Error {
  constructor(
    readonly expected: number,
    readonly actual: number,
  ) {
    super(`the upload holds ${actual} bytes, not ${expected}`);
    this.name = 'OffsetConflict';
  }
}

/** The bytes that were asked for are not in the blob store (any more). */
export class ContentMissing extends Error {
  constructor(readonly key: string) {
    super(`no content is stored under ${key}`);
    this.name = 'ContentMissing';
  }
}

/** A document was asked for by an index that its collection does not declare. */
export class UnknownIndex extends Error {
  constructor(collection: string, index: string) {
    super(`collection ${collection} declares no index ${index}`);
    this.name = 'UnknownIndex';
  }
}

/** The cursor is damaged, or was given by a query with another index, other values or another order. */
export class InvalidCursor extends Error {
  constructor() {
    super('the cursor does not belong to this query');
    this.name = 'InvalidCursor';
  }
}

/** A feeder that was overtaken: the lane has been fed further than the checkpoint that it brought. */
export class CheckpointRegressed extends Error {
  constructor(
    readonly projection: string,
    readonly checkpoint: string,
  ) {
    super(`projection ${projection} has been fed further than ${checkpoint}`);
    this.name = 'CheckpointRegressed';
  }
}
