import { hash } from 'node:crypto';
import { labelMediaType } from '../manifest/labels.js';
import type { Digest } from '../shared/digest.js';
import type { Timestamp } from '../shared/time.js';
import { ManifestUnknown } from './errors.js';
import type { ManifestLabel, RepositoryEvent } from './events.js';
import {
  LabelImmutable,
  LabelKeyInvalid,
  LabelKeyReserved,
  LabelUnknown,
  LabelValueTooLong,
  TooManyLabels,
} from './labelErrors.js';
import { isReachable, writable, type ActiveRepository, type ManifestState, type Repository } from './state.js';

const KEY = /^[a-z0-9](([a-z0-9]|[-.](?![.-]))*[a-z0-9])?$/;
const KEY_LENGTH = 255;
/** As much as all labels of a push may take; beyond it an event would be large. */
const VALUE_BYTES = 16_384;
const MOST_LABELS = 1_000;

/** Whoever brought them into the world says what they mean (contract: repositories §5.2). */
const RESERVED_PREFIXES = [
  ...['com.docker.', 'io.docker.', 'org.dockerproject.', 'org.opencontainers.', 'io.cncf.', 'io.kubernetes.'],
  ...['io.k8s.', 'io.quay', 'com.coreos', 'com.tectonic', 'internal', 'quay'],
];

/** @throws LabelKeyReserved */
export function refuseReservedKey(key: string, more: readonly string[] = []): void {
  if ([...RESERVED_PREFIXES, ...more].some((prefix) => key.startsWith(prefix))) throw new LabelKeyReserved();
}

export type AddLabel = {
  readonly now: Timestamp;
  readonly digest: Digest;
  /** Given to it; never used twice. */
  readonly labelId: string;
  readonly key: string;
  readonly value: string;
  /** Null: what its value looks like. */
  readonly mediaType: string | null;
};

/**
 * The same key may be there several times.
 *
 * @throws RepositoryUnknown, RepositoryNotWritable, ManifestUnknown, LabelKeyInvalid, LabelValueTooLong, TooManyLabels
 */
export function decideAddLabel(command: AddLabel, repository: Repository): RepositoryEvent[] {
  const { now, digest, labelId, key, value } = command;
  const state = writable(repository);
  reachableManifest(state, digest, now);
  if (key.length > KEY_LENGTH || !KEY.test(key)) throw new LabelKeyInvalid(KEY);
  if (Buffer.byteLength(JSON.stringify(value)) > VALUE_BYTES) throw new LabelValueTooLong(VALUE_BYTES);
  if ((state.labels.get(digest)?.size ?? 0) >= MOST_LABELS) throw new TooManyLabels(MOST_LABELS);
  const label: ManifestLabel = { key, value, mediaType: command.mediaType ?? labelMediaType(value) };
  return [{ type: 'LabelAdded', data: { labelId, digest, label } }];
}

export type RemoveLabel = { readonly now: Timestamp; readonly digest: Digest; readonly labelId: string };

/** @throws RepositoryUnknown, RepositoryNotWritable, ManifestUnknown, LabelUnknown, LabelImmutable */
export function decideRemoveLabel({ now, digest, labelId }: RemoveLabel, repository: Repository): RepositoryEvent[] {
  const state = writable(repository);
  const { record } = reachableManifest(state, digest, now);
  if (record.labels.some(({ key }) => ownLabelId(digest, key) === labelId)) throw new LabelImmutable();
  if (!state.labels.get(digest)?.has(labelId)) throw new LabelUnknown(digest, labelId);
  return [{ type: 'LabelRemoved', data: { labelId, digest } }];
}

function reachableManifest(state: ActiveRepository, digest: Digest, now: Timestamp): ManifestState {
  const manifest = state.manifests.get(digest);
  if (!manifest || !isReachable(state, digest, now)) throw new ManifestUnknown(digest);
  return manifest;
}

/**
 * The id of a label that came with its manifest: a UUID (version 8) that follows from both, so that it is the same
 * whenever and wherever it is asked for. A manifest has each key once.
 */
export function ownLabelId(digest: Digest, key: string): string {
  const hex = hash('sha256', `${digest}\0${key}`, 'hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
