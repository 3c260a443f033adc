import type { BlobStore, ContentKey } from '../ports/blobStore.js';
import { StoreUnavailable, VersionConflict } from '../ports/errors.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { CONTENTS } from './contentRecords.js';

/** With what the place of the blobs was marked: one record, which belongs to the place and is never copied elsewhere. */
export const BLOB_MARKER = 'blob-marker';
const KEY = 'marker';

type MarkerRecord = {
  readonly marker: string;
  /** Whether the place bears it for sure. */
  readonly placed: boolean;
};

/**
 * The place of the blobs, told from an empty one in its stead: a disk that is not mounted, another bucket. It bears a
 * marker, which an operational record remembers. It is asked for only where bytes are not found, so it costs nothing
 * where they are.
 */
export class MarkedPlace {
  constructor(
    private readonly deps: {
      readonly blobs: Pick<BlobStore, 'stat' | 'marker' | 'mark'>;
      readonly operational: OperationalStore;
    },
  ) {}

  /**
   * To be called at each start. Marks the place as long as no contents were stored there; a marker that it bears already
   * is taken over, and so is a place from before there were markers.
   *
   * @param fresh what to mark it with if it must be
   * @throws Error in one line for the administrator if it is not where contents were stored
   */
  async claim(fresh: string): Promise<void> {
    const { blobs, operational } = this.deps;
    for (;;) {
      const [record, borne] = await Promise.all([this.#record(), blobs.marker()]);
      const known = record?.value;
      if (known?.placed === true) {
        if (known.marker === borne) return;
        if (await this.#hasContents()) throw new Error(refusal(known.marker, borne));
      }
      const marker = borne ?? known?.marker ?? fresh;
      let expected = record?.version ?? 0;
      const put = (placed: boolean): Promise<void> => {
        const value: MarkerRecord = { marker, placed };
        return operational.write([{ kind: 'put', collection: BLOB_MARKER, key: KEY, value, expected: expected++ }]);
      };
      try {
        // Before the place bears it: processes that start at the same time use the same one.
        await put(false);
        if (borne === undefined) await blobs.mark(marker);
        await put(true);
        return;
      } catch (error) {
        if (!(error instanceof VersionConflict)) throw error;
      }
    }
  }

  /** @throws StoreUnavailable if it is not there: then nothing is known of any content, and nothing may be changed */
  async assertThere(): Promise<void> {
    const known = (await this.#record())?.value;
    // A command may be called before the first start.
    if (known?.placed !== true || (await this.deps.blobs.marker()) === known.marker) return;
    throw new StoreUnavailable('the place of the blobs lacks its marker: is it mounted?');
  }

  /**
   * Size in bytes, or undefined if the content is not in the registry's own place.
   *
   * @throws StoreUnavailable if that is not there
   */
  async stat(key: ContentKey): Promise<number | undefined> {
    const { blobs } = this.deps;
    const size = await blobs.stat(key);
    if (size !== undefined) return size;
    await this.assertThere();
    // The place may have come between the two looks.
    return blobs.stat(key);
  }

  #record() {
    return this.deps.operational.get<MarkerRecord>(BLOB_MARKER, KEY);
  }

  async #hasContents(): Promise<boolean> {
    return (await this.deps.operational.list(CONTENTS, { limit: 1 })).length > 0;
  }
}

const refusal = (marker: string, borne: string | undefined): string =>
  borne === undefined
    ? 'the place of the blobs lacks its marker though contents were stored there: is it mounted? ' +
      `If they are lost for good, store there, as marker/id, the text ${marker}`
    : `the place of the blobs is not where contents were stored: it is marked ${borne}, and should be ${marker}`;
