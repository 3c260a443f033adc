import { canonicalJson } from '../../shared/canonicalJson.js';
import type { AccountId, EventId } from '../../shared/ids.js';
import type { JsonObject } from '../../shared/json.js';
import type { Sealed } from '../../shared/sealed.js';
import { isAlive, plusSeconds, type Timestamp } from '../../shared/time.js';
import type { RegistryEvent } from '../events.js';
import type { Registry } from '../registry.js';
import {
  ServiceKeyExists,
  ServiceKeyMetadataTooLarge,
  ServiceKeyNameInvalid,
  ServiceKeyUnknown,
  ServiceNameInvalid,
  SignerRefused,
  TooManyUnapprovedKeys,
} from './errors.js';
import type { ApprovalType } from './events.js';
import type { ServiceKey } from './state.js';

/** Contract: conventions §11. */
const NAME = /^[\s a-zA-Z0-9\-_:/]*$/;
const SERVICE = /^[a-z0-9_]+$/;
const LONGEST_NAME = 255;
const LARGEST_METADATA = 16_384;
const MOST_UNAPPROVED = 1_000;

export type Approval = {
  readonly approvalType: ApprovalType;
  readonly approver: AccountId | null;
  readonly notes: string;
};

export type CreateServiceKey = {
  /** What the sealed address is bound to. */
  readonly id: EventId;
  readonly kid: string;
  readonly service: string;
  readonly name: string;
  readonly jwk: JsonObject;
  readonly metadata: JsonObject;
  readonly ip: Sealed | null;
  readonly expires: Timestamp | null;
  readonly rotationSeconds: number | null;
  /** Null: it has to wait for a superuser. */
  readonly approval: Approval | null;
};

/**
 * Who submits the same key once more has done so already.
 *
 * @throws ServiceKeyExists, ServiceNameInvalid, ServiceKeyNameInvalid, ServiceKeyMetadataTooLarge, TooManyUnapprovedKeys
 */
export function decideCreateServiceKey(command: CreateServiceKey, { serviceKeys }: Registry): RegistryEvent[] {
  const { id, approval, ...key } = command;
  checkService(key.service);
  checkName(key.name);
  checkMetadata(key.metadata);
  const known = serviceKeys.get(key.kid);
  if (known) {
    if (known.service !== key.service || !sameJson(known.jwk, key.jwk)) throw new ServiceKeyExists(key.kid);
    return [];
  }
  const waiting = [...serviceKeys.values()].filter(({ approved }) => !approved).length;
  if (approval === null && waiting >= MOST_UNAPPROVED) throw new TooManyUnapprovedKeys();
  return [{ id, type: 'ServiceKeyCreated', data: key }, ...(approval === null ? [] : [approved(key.kid, approval)])];
}

/** Nothing to do if it is approved already. @throws ServiceKeyUnknown */
export function decideApproveServiceKey(
  { kid, ...approval }: Approval & { readonly kid: string },
  state: Registry,
): RegistryEvent[] {
  return serviceKey(state, kid).approved ? [] : [approved(kid, approval)];
}

export type ChangeServiceKey = {
  readonly kid: string;
  readonly name?: string | undefined;
  /** Laid over what is there. */
  readonly metadata?: JsonObject | undefined;
  readonly expires?: Timestamp | null | undefined;
};

/** @throws ServiceKeyUnknown, ServiceKeyNameInvalid, ServiceKeyMetadataTooLarge */
export function decideChangeServiceKey(command: ChangeServiceKey, state: Registry): RegistryEvent[] {
  const { kid, name, metadata: changes, expires } = command;
  const key = serviceKey(state, kid);
  const metadata = changes && { ...key.metadata, ...changes };
  if (name !== undefined) checkName(name);
  if (metadata) checkMetadata(metadata);
  const data = {
    ...(name === undefined || name === key.name ? {} : { name }),
    ...(metadata === undefined || sameJson(metadata, key.metadata) ? {} : { metadata }),
    ...(expires === undefined || expires === key.expires ? {} : { expires }),
  };
  return Object.keys(data).length === 0 ? [] : [{ type: 'ServiceKeyChanged', data: { kid, ...data } }];
}

export type RotateServiceKey = Pick<CreateServiceKey, 'id' | 'kid' | 'jwk' | 'metadata' | 'ip' | 'expires'> & {
  readonly service: string;
  readonly signerKid: string;
  readonly rotationSeconds: number | null;
};

/** The new key has its predecessor's name and notes. @throws ServiceKeyUnknown, SignerRefused, ServiceKeyExists */
export function decideRotateServiceKey(command: RotateServiceKey, state: Registry, now: Timestamp): RegistryEvent[] {
  const { id, service, signerKid, metadata: added, ...rest } = command;
  const signer = signerOf(state, { service, kid: signerKid }, now);
  if (state.serviceKeys.has(rest.kid)) throw new ServiceKeyExists(rest.kid);
  const metadata = { ...signer.metadata, ...added };
  checkMetadata(metadata);
  return [{ id, type: 'ServiceKeyRotated', data: { ...rest, service, signerKid, name: signer.name, metadata } }];
}

/** By a superuser: `signerKid` null; else by the key itself, or by one of its service. @throws ServiceKeyUnknown, SignerRefused */
export function decideDeleteServiceKey(
  { kid, signerKid }: { readonly kid: string; readonly signerKid: string | null },
  state: Registry,
  now: Timestamp,
): RegistryEvent[] {
  const { service } = serviceKey(state, kid);
  if (signerKid !== null && signerKid !== kid) signerOf(state, { service, kid: signerKid }, now);
  return [{ type: 'ServiceKeyDeleted', data: { kid, signerKid } }];
}

/** How long keys stay that nobody can use. */
export type ServiceKeyTtl = { readonly unapprovedSeconds: number; readonly expiredSeconds: number };

/** Nobody approved it in time, or its end was long ago (contract: superuser §5). */
export function isPastUse(
  { approved: isApproved, created, expires }: Pick<ServiceKey, 'approved' | 'created' | 'expires'>,
  { unapprovedSeconds, expiredSeconds }: ServiceKeyTtl,
  now: Timestamp,
): boolean {
  if (!isApproved && !isAlive(plusSeconds(created, unapprovedSeconds), now)) return true;
  return expires !== null && !isAlive(plusSeconds(expires, expiredSeconds), now);
}

export const decidePurgeServiceKeys = (
  ttl: ServiceKeyTtl,
  { serviceKeys }: Registry,
  now: Timestamp,
): RegistryEvent[] =>
  [...serviceKeys.values()]
    .filter((key) => isPastUse(key, ttl, now))
    .map(({ kid }) => ({ type: 'ServiceKeyDeleted', data: { kid, signerKid: null } }));

const approved = (kid: string, { approvalType, approver, notes }: Approval): RegistryEvent => ({
  type: 'ServiceKeyApproved',
  data: { kid, approvalType, approver, notes },
});

function serviceKey({ serviceKeys }: Registry, kid: string): ServiceKey {
  const key = serviceKeys.get(kid);
  if (!key) throw new ServiceKeyUnknown(kid);
  return key;
}

function signerOf(
  { serviceKeys }: Registry,
  { service, kid }: { readonly service: string; readonly kid: string },
  now: Timestamp,
): ServiceKey {
  const signer = serviceKeys.get(kid);
  if (signer?.approved !== true || signer.service !== service || !isAlive(signer.expires, now)) {
    throw new SignerRefused(kid);
  }
  return signer;
}

function checkService(service: string): void {
  if (!SERVICE.test(service) || service.length > LONGEST_NAME) throw new ServiceNameInvalid();
}

function checkName(name: string): void {
  if (!NAME.test(name) || name.length > LONGEST_NAME) throw new ServiceKeyNameInvalid(name.slice(0, LONGEST_NAME));
}

function checkMetadata(metadata: JsonObject): void {
  if (canonicalJson(metadata).length > LARGEST_METADATA) throw new ServiceKeyMetadataTooLarge();
}

const sameJson = (one: JsonObject, other: JsonObject): boolean => canonicalJson(one) === canonicalJson(other);
