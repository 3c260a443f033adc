import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { KeyStore } from '../../ports/keyStore.js';

const NAME = 'setup';

/** A secret printed at the start of an empty registry: who reads the console may become its administrator. */
export class SetupSecret {
  #secret: Buffer | undefined;

  constructor(private readonly keys: Pick<KeyStore, 'ensureSecret'>) {}

  /** The secret, to be shown: the same for all processes of the registry, because any of them may be asked next. */
  async issue(): Promise<string> {
    const text = await this.keys.ensureSecret(NAME, () => Promise.resolve(randomBytes(24).toString('base64url')));
    this.#secret = Buffer.from(text);
    return text;
  }

  matches(text: string | undefined): boolean {
    const given = Buffer.from(text ?? '');
    return this.#secret?.byteLength === given.byteLength && timingSafeEqual(this.#secret, given);
  }

  used(): void {
    this.#secret = undefined;
  }
}
