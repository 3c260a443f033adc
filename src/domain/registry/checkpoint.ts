import { createHash } from 'node:crypto';
import { canonicalJson } from '../shared/canonicalJson.js';
import { DomainError } from '../shared/errors.js';
import { isJsonObject } from '../shared/json.js';
import type { RegistryEvents } from './events.js';
import { signedText, type SigningKey } from './signing.js';

/**
 * A signed head of the log. Number `n` covers the events of the log, in log order, from where number `n - 1` ended up
 * to `size`; its own event comes later in the log and is covered by the next one. Nothing in it is an engine's.
 */
export type Checkpoint = RegistryEvents['LogCheckpointed'];

export class CheckpointInvalid extends DomainError {
  readonly code = 'checkpoint-invalid';
  constructor(reason: string, options?: ErrorOptions) {
    super(`this is not a checkpoint: ${reason}`, { reason }, options);
  }
}

export const signCheckpoint = (unsigned: Omit<Checkpoint, 'signature' | 'keyId'>, key: SigningKey): Checkpoint => {
  const checkpoint = { ...unsigned, keyId: key.keyId };
  return { ...checkpoint, signature: key.sign(signedText(checkpoint)) };
};

/** SHA-256 in hex of the signed text: what the next checkpoint links to. */
export const checkpointHash = (checkpoint: Checkpoint): string =>
  createHash('sha256').update(signedText(checkpoint)).digest('hex');

/** How a checkpoint is published and kept outside of the log: canonical JSON, signature included. */
export const checkpointText = (checkpoint: Checkpoint): string => canonicalJson(checkpoint);

/** Reads what `checkpointText` wrote; white space around it is fine. @throws CheckpointInvalid */
export function parseCheckpoint(text: string): Checkpoint {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CheckpointInvalid('it is not JSON', { cause });
  }
  if (!isCheckpoint(value)) throw new CheckpointInvalid('its members are not those of a checkpoint');
  return value;
}

const HASH = /^[0-9a-f]{64}$/;
const isHash = (value: unknown): boolean => typeof value === 'string' && HASH.test(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value > 0;

const members: { readonly [Member in keyof Checkpoint]: (value: unknown) => boolean } = {
  number: isCount,
  size: isCount,
  root: isHash,
  lastEvent: isText,
  previous: (value) => value === null || isHash(value),
  keyId: isHash,
  signature: isText,
};

/** Exactly the members of a checkpoint; whether they are true is another matter. */
export const isCheckpoint = (value: unknown): value is Checkpoint =>
  isJsonObject(value) &&
  Object.keys(value).length === Object.keys(members).length &&
  Object.entries(members).every(([member, holds]) => holds(value[member]));
