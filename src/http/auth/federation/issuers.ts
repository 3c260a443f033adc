import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet, type JWTVerifyGetKey, type JWTPayload } from 'jose';
import { isJsonObject, type JsonObject } from '../../../domain/shared/json.js';
import { DestinationRefused, OutgoingFailed, type Outgoing } from '../../../ports/outgoing.js';
import { BoundedMap } from '../../boundedMap.js';

/** A token of somebody else that cannot be trusted; the message says why. */
export class ForeignTokenInvalid extends Error {}

type Keys = { readonly resolve: JWTVerifyGetKey; readonly fetched: number };

const REMEMBERED = 1_000;
const FRESH_MILLISECONDS = 10 * 60_000;
/** Keys that may be asked for anew at once, because a token names one that is not among them. */
const RETRY_MILLISECONDS = 30_000;
const BYTES = 256 * 1024;
const TIMEOUT_MILLISECONDS = 10_000;
const LEEWAY_SECONDS = 30;
/** Signatures that need a private key: nobody signs with what an issuer publishes. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** OpenID Connect issuers: their tokens are verified with the keys that they publish. */
export class Issuers {
  readonly #keys = new BoundedMap<string, Promise<Keys>>(REMEMBERED);

  constructor(
    private readonly outgoing: Outgoing,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws ForeignTokenInvalid */
  async verify(issuer: string, token: string): Promise<JWTPayload> {
    const keys = await this.#keysOf(issuer, FRESH_MILLISECONDS);
    try {
      return await this.#verifyWith(keys, issuer, token);
    } catch (error) {
      const mayBeNewer = error instanceof errors.JWKSNoMatchingKey && keys.fetched + RETRY_MILLISECONDS < this.now();
      if (!mayBeNewer) throw invalid(error);
    }
    try {
      return await this.#verifyWith(await this.#keysOf(issuer, RETRY_MILLISECONDS), issuer, token);
    } catch (error) {
      throw invalid(error);
    }
  }

  async #verifyWith({ resolve }: Keys, issuer: string, token: string): Promise<JWTPayload> {
    const { payload } = await jwtVerify(token, resolve, {
      ...{ issuer, algorithms: ALGORITHMS, requiredClaims: ['sub', 'exp'] },
      ...{ clockTolerance: LEEWAY_SECONDS, currentDate: new Date(this.now()) },
    });
    return payload;
  }

  /** Those who ask at the same time share one answer; one that failed is not kept. */
  async #keysOf(issuer: string, maximumAge: number): Promise<Keys> {
    const known = this.#keys.get(issuer);
    if (known && (await known).fetched + maximumAge > this.now()) return known;
    if (this.#keys.get(issuer) !== known) return this.#keysOf(issuer, maximumAge);
    const fetching = this.#fetch(issuer);
    this.#keys.set(issuer, fetching);
    try {
      return await fetching;
    } catch (error) {
      if (this.#keys.get(issuer) === fetching) this.#keys.delete(issuer);
      throw error;
    }
  }

  async #fetch(issuer: string): Promise<Keys> {
    const fetched = this.now();
    const configuration = await this.#json(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const { issuer: named, jwks_uri: keysAt } = configuration;
    if (named !== issuer) throw new ForeignTokenInvalid('the issuer says that it is another');
    if (typeof keysAt !== 'string') throw new ForeignTokenInvalid('the issuer publishes no keys');
    const keys = await this.#json(keysAt);
    if (!isKeySet(keys)) throw new ForeignTokenInvalid('the issuer publishes no keys');
    return { resolve: createLocalJWKSet(keys), fetched };
  }

  async #json(url: string): Promise<JsonObject> {
    const request = { url, maximumBytes: BYTES, timeoutMilliseconds: TIMEOUT_MILLISECONDS };
    try {
      const { status, body } = await this.outgoing.get(request);
      if (status !== 200) throw new ForeignTokenInvalid(`the issuer answers with status ${status}`);
      const value: unknown = JSON.parse(body.toString('utf8'));
      if (isJsonObject(value)) return value;
    } catch (error) {
      if (error instanceof ForeignTokenInvalid) throw error;
      if (error instanceof DestinationRefused) throw new ForeignTokenInvalid('the issuer may not be asked');
      if (error instanceof OutgoingFailed) throw new ForeignTokenInvalid('the issuer does not answer');
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw new ForeignTokenInvalid('the issuer does not answer with JSON');
  }
}

const isKeySet = (value: JsonObject): value is JsonObject & JSONWebKeySet => {
  const { keys } = value;
  return Array.isArray(keys) && keys.every((key) => isJsonObject(key) && typeof key['kty'] === 'string');
};

/** The library's words for what is wrong with a token are fit for whoever sent it. */
const invalid = (error: unknown): unknown =>
  error instanceof errors.JOSEError ? new ForeignTokenInvalid(error.message) : error;
