import { createHash, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { RegistryEvent } from '../domain/registry/events.js';
import { REGISTRY_STREAM, registryAggregate, type Registry } from '../domain/registry/registry.js';
import {
  decideApproveServiceKey,
  decideChangeServiceKey,
  decideCreateServiceKey,
  decideDeleteServiceKey,
  decidePurgeServiceKeys,
  decideRotateServiceKey,
  type Approval,
  type ChangeServiceKey,
  type ServiceKeyTtl,
} from '../domain/registry/serviceKey/serviceKey.js';
import { canonicalJson } from '../domain/shared/canonicalJson.js';
import type { EventId } from '../domain/shared/ids.js';
import type { JsonObject } from '../domain/shared/json.js';
import type { Sealed } from '../domain/shared/sealed.js';
import type { Timestamp } from '../domain/shared/time.js';
import type { Clock, Ids } from '../ports/clock.js';
import type { CommandContext } from './context.js';
import { accountSubject, activitySubject, type Sealing } from './sealing.js';
import type { Streams } from './streams.js';

const generate = promisify(generateKeyPair);

export type NewServiceKey = {
  readonly service: string;
  readonly name: string;
  readonly metadata: JsonObject;
  readonly expires: Timestamp | null;
};

export type SubmittedServiceKey = Omit<NewServiceKey, 'name'> & {
  readonly kid: string;
  /** Public members only. */
  readonly jwk: JsonObject;
  readonly rotationSeconds: number | null;
};

/** The only moment at which the private half is known here. */
export type MadeServiceKey = {
  readonly kid: string;
  /** SubjectPublicKeyInfo in PEM. */
  readonly publicKey: string;
  /** PKCS #1 in PEM. */
  readonly privateKey: string;
};

/** Public keys by which services prove to each other who they are. */
export class ServiceKeyCommands {
  constructor(
    private readonly deps: {
      readonly streams: Streams;
      readonly sealing: Sealing;
      readonly clock: Clock;
      readonly ids: Ids;
    },
  ) {}

  /**
   * Makes a pair of keys. The private half is answered and forgotten.
   *
   * @throws ServiceNameInvalid, ServiceKeyNameInvalid, ServiceKeyMetadataTooLarge
   */
  async make(key: NewServiceKey, approval: Approval, context: CommandContext): Promise<MadeServiceKey> {
    const pair = await generate('rsa', { modulusLength: 2048 });
    const { kty, n, e } = pair.publicKey.export({ format: 'jwk' });
    const members = { kty, n, e };
    // RFC 7638, in hex: Quay's ids of keys that it made.
    const kid = createHash('sha256').update(canonicalJson(members)).digest('hex');
    await this.#create({ ...key, kid, jwk: { ...members, kid }, rotationSeconds: null }, approval, context);
    return {
      kid,
      publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      privateKey: pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    };
  }

  /** Of a service that has no approved key yet: the key waits for a superuser. @throws as `make`, ServiceKeyExists, TooManyUnapprovedKeys */
  async submit(key: SubmittedServiceKey, context: CommandContext): Promise<void> {
    await this.#create({ ...key, name: '' }, null, context);
  }

  /** @throws ServiceKeyUnknown */
  async approve(kid: string, approval: Approval, context: CommandContext): Promise<void> {
    await this.#decide(context, (state) => decideApproveServiceKey({ kid, ...approval }, state));
  }

  /** @throws ServiceKeyUnknown, ServiceKeyNameInvalid, ServiceKeyMetadataTooLarge */
  async change(command: ChangeServiceKey, context: CommandContext): Promise<void> {
    await this.#decide(context, (state) => decideChangeServiceKey(command, state));
  }

  /** The caller has checked the signature. @throws SignerRefused, ServiceKeyExists, ServiceKeyMetadataTooLarge */
  async rotate(key: SubmittedServiceKey, signerKid: string, context: CommandContext): Promise<void> {
    const id = this.deps.ids.next() as EventId;
    const command = { ...key, id, signerKid, ip: await this.#address(id, context) };
    await this.#decide(context, (state, now) => decideRotateServiceKey(command, state, now));
  }

  /** @param signerKid whose signature the caller has checked; null: a superuser wants it. @throws ServiceKeyUnknown, SignerRefused */
  async delete(kid: string, signerKid: string | null, context: CommandContext): Promise<void> {
    await this.#decide(context, (state, now) => decideDeleteServiceKey({ kid, signerKid }, state, now));
  }

  /** Removes those whose time is over. */
  async purge(ttl: ServiceKeyTtl, context: CommandContext): Promise<void> {
    await this.#decide(context, (state, now) => decidePurgeServiceKeys(ttl, state, now));
  }

  async #create(
    key: SubmittedServiceKey & { readonly name: string },
    approval: Approval | null,
    context: CommandContext,
  ): Promise<void> {
    const id = this.deps.ids.next() as EventId;
    const command = { ...key, id, approval, ip: await this.#address(id, context) };
    await this.#decide(context, (state) => decideCreateServiceKey(command, state));
  }

  /** Where a key came from is shown to superusers, and is a personal datum. */
  async #address(id: EventId, { actor, ip }: CommandContext): Promise<Sealed | null> {
    const { sealing, clock } = this.deps;
    const subject = actor.kind === 'user' ? accountSubject(actor.id) : activitySubject(clock.now());
    return (await sealing.sealClient(subject, id, { ip, userAgent: null })).ip;
  }

  async #decide(
    context: CommandContext,
    decide: (state: Registry, now: Timestamp) => readonly RegistryEvent[],
  ): Promise<void> {
    await this.deps.streams.decide(registryAggregate, REGISTRY_STREAM, context, decide);
  }
}
