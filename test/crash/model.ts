/** What may be true of one thing: what was acknowledged last, or what was attempted since and never answered. */
export class Possible<Value> {
  #values: readonly Value[];

  constructor(acknowledged: Value) {
    this.#values = [acknowledged];
  }

  /** Called before the request is sent. */
  attempt(value: Value): void {
    if (!this.allows(value)) this.#values = [...this.#values, value];
  }

  /** Called with the answer, and with what a check has seen: what was read once must not change by itself. */
  settle(value: Value): void {
    this.#values = [value];
  }

  allows(value: Value): boolean {
    return this.#values.includes(value);
  }

  get values(): readonly Value[] {
    return this.#values;
  }
}

/** What a manifest needs to be complete. */
export type Content = {
  readonly digest: string;
  readonly mediaType: string;
  readonly blobs: readonly string[];
  readonly children: readonly string[];
  readonly subject: string | null;
};

/** A chunked upload that the crash may have interrupted. */
export type Upload = {
  readonly location: string;
  readonly bytes: Buffer;
  readonly digest: string;
  /** Bytes that were acknowledged. */
  acknowledged: number;
  /** The closing request was sent: the session may have ended. */
  closing: boolean;
};

/** What one repository must show; one client writes each tag, and each manifest belongs to one client. */
export class RepositoryModel {
  /** Digest of each tag that was ever pushed; null: it is not there. */
  readonly tags = new Map<string, Possible<string | null>>();
  /** Whether each manifest that was pushed or deleted by its digest can be read by it. */
  readonly pushedByDigest = new Map<string, Possible<boolean>>();
  readonly contents = new Map<string, Content>();
  readonly uploads = new Set<Upload>();
  /** Manifests that were written to since the last check. */
  readonly touched = new Set<string>();

  tag(name: string): Possible<string | null> {
    return known(this.tags, name, null);
  }

  byDigest(digest: string): Possible<boolean> {
    this.touched.add(digest);
    return known(this.pushedByDigest, digest, false);
  }
}

function known<Value>(map: Map<string, Possible<Value>>, key: string, first: Value): Possible<Value> {
  const found = map.get(key) ?? new Possible(first);
  map.set(key, found);
  return found;
}
