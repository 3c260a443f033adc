import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { StoreUnavailable } from '../../../ports/errors.js';
import type { OpenObject, Version } from './objectStore.js';

const TRIES = 5;

export type OpenVersion = OpenObject & { readonly body: Readable; readonly version: Version };

/**
 * A small object in memory, asked for again where an answer breaks off or ends early.
 *
 * @returns undefined if there is none
 * @throws StoreUnavailable if no answer was whole
 */
export async function wholeObject(
  name: string,
  open: () => Promise<OpenVersion | undefined>,
): Promise<{ readonly bytes: Uint8Array; readonly version: Version } | undefined> {
  for (let tries = 1; ; tries += 1) {
    const opened = await open();
    if (!opened) return undefined;
    const { body, size, version } = opened;
    try {
      const bytes = await buffer(body);
      if (bytes.byteLength === size) return { bytes, version };
      if (tries === TRIES) throw new StoreUnavailable(`reading ${name} broke off`);
    } catch (error) {
      if (tries === TRIES) throw new StoreUnavailable(`reading ${name} broke off`, { cause: error });
    }
  }
}
