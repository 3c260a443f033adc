import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { decideAnnounceKey, REGISTRY_STREAM, registryAggregate } from '../domain/registry/registry.js';
import { signingKey, type SigningKey } from '../domain/registry/signing.js';
import type { KeyStore } from '../ports/keyStore.js';
import type { CommandContext } from './context.js';
import type { Streams } from './streams.js';

const generate = promisify(generateKeyPair);

/** The keys that sign checkpoints: the private halves in the KeyStore, the public ones announced in the log. */
export class SigningKeys {
  constructor(
    private readonly streams: Streams,
    private readonly keys: KeyStore,
  ) {}

  /**
   * The key that signs now; at first call on a new log it is made and announced.
   *
   * @throws SigningKeyUnknown if the KeyStore is not the one that belongs to the log
   */
  async present(context: CommandContext): Promise<SigningKey> {
    const { keyIds } = await this.streams.load(registryAggregate, REGISTRY_STREAM);
    const key = await this.#key(Math.max(1, keyIds.length));
    if (keyIds.at(-1) !== key.keyId) await this.#announce(key, key, context);
    return key;
  }

  /** Makes a new key, announced by the present one, which signs nothing any more. */
  async rotate(context: CommandContext): Promise<SigningKey> {
    const present = await this.present(context);
    const { keyIds } = await this.streams.load(registryAggregate, REGISTRY_STREAM);
    const next = await this.#key(keyIds.length + 1);
    await this.#announce(next, present, context);
    return next;
  }

  async #announce(key: SigningKey, by: SigningKey, context: CommandContext): Promise<void> {
    await this.streams.decide(registryAggregate, REGISTRY_STREAM, context, (state) =>
      decideAnnounceKey({ key, by }, state),
    );
  }

  /** The secret's name follows from the log, so that a rotation that was interrupted goes on with the key it made. */
  async #key(number: number): Promise<SigningKey> {
    const name = number === 1 ? 'checkpoint-key' : `checkpoint-key-${number}`;
    return signingKey(await this.keys.ensureSecret(name, makeKey));
  }
}

async function makeKey(): Promise<string> {
  const { privateKey } = await generate('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
