import { randomBytes, timingSafeEqual } from 'node:crypto';

/** A secret printed once at the start of an empty registry: who reads the console may become its administrator. */
export class SetupSecret {
  #secret: Buffer | undefined;

  /** Makes the secret; to be shown once. */
  issue(): string {
    const text = randomBytes(24).toString('base64url');
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
