import { DomainError } from '../shared/errors.js';
import type { Aggregate } from '../shared/event.js';
import type { EventId, MessageId, StreamName } from '../shared/ids.js';
import { checkpointHash, signCheckpoint, type Checkpoint } from './checkpoint.js';
import type { RegistryEvent } from './events.js';
import { evolveServiceKeys, type ServiceKeys } from './serviceKey/state.js';
import { announceKey, type SigningKey } from './signing.js';

/** There is one stream of this category, and the category is its whole name. */
export const REGISTRY_STREAM = 'registry' as StreamName;

export type Registry = {
  /** Ids of all keys ever announced, in order: the last one signs. */
  readonly keyIds: readonly string[];
  readonly lastCheckpoint: LastCheckpoint | null;
  /** Those that are shown. */
  readonly messages: ReadonlySet<MessageId>;
  readonly serviceKeys: ServiceKeys;
};

export type LastCheckpoint = {
  readonly number: number;
  readonly size: number;
  readonly lastEvent: EventId;
  /** As it stands in the log, to be published. */
  readonly signed: Checkpoint;
  /** SHA-256 in hex of its signed text. */
  readonly hash: string;
};

/** Another key than the present one would sign: the key store is not the one that this log was signed with. */
export class SigningKeyUnknown extends DomainError {
  readonly code = 'signing-key-unknown';
  constructor(keyId: string, announced: string | null) {
    super('the key is not the one that the log announces: open the key store that belongs to this log', {
      keyId,
      announced,
    });
  }
}

export class SigningKeyRetired extends DomainError {
  readonly code = 'signing-key-retired';
  constructor(keyId: string) {
    super('the key signed checkpoints before and was replaced: announce a fresh one', { keyId });
  }
}

export const registryAggregate: Aggregate<Registry, RegistryEvent> = {
  category: 'registry',
  version: 2,
  initial: () => ({ keyIds: [], lastCheckpoint: null, messages: new Set(), serviceKeys: new Map() }),
  evolve(state, event) {
    switch (event.type) {
      case 'SigningKeyAnnounced':
        return { ...state, keyIds: [...state.keyIds, event.data.keyId] };
      case 'LogCheckpointed': {
        const { number, size, lastEvent } = event.data;
        return {
          ...state,
          lastCheckpoint: { number, size, lastEvent, hash: checkpointHash(event.data), signed: event.data },
        };
      }
      case 'MessagePublished':
        return { ...state, messages: new Set([...state.messages, event.data.messageId]) };
      case 'MessageRemoved':
        return { ...state, messages: new Set([...state.messages].filter((id) => id !== event.data.messageId)) };
      case 'OwnershipTaken':
        return state;
      default:
        return { ...state, serviceKeys: evolveServiceKeys(state.serviceKeys, event) };
    }
  },
};

export type AnnounceKey = {
  readonly key: SigningKey;
  /** The key that signs now; for the first one, the key itself. */
  readonly by: SigningKey;
};

/** Nothing to do if the key signs already. @throws SigningKeyRetired, SigningKeyUnknown */
export function decideAnnounceKey({ key, by }: AnnounceKey, { keyIds }: Registry): RegistryEvent[] {
  const present = keyIds.at(-1);
  if (key.keyId === present) return [];
  if (keyIds.includes(key.keyId)) throw new SigningKeyRetired(key.keyId);
  if (by.keyId !== (present ?? key.keyId)) throw new SigningKeyUnknown(by.keyId, present ?? null);
  return [{ type: 'SigningKeyAnnounced', data: announceKey(key, by) }];
}

export type CheckpointLog = {
  /** Where the counted events begin: the size of the checkpoint before. */
  readonly from: number;
  readonly size: number;
  readonly root: string;
  readonly lastEvent: EventId;
  readonly key: SigningKey;
};

/** Nothing to do if somebody else made a checkpoint since the events were counted. @throws SigningKeyUnknown */
export function decideCheckpoint(command: CheckpointLog, { keyIds, lastCheckpoint }: Registry): RegistryEvent[] {
  const { from, size, root, lastEvent, key } = command;
  const present = keyIds.at(-1);
  if (key.keyId !== present) throw new SigningKeyUnknown(key.keyId, present ?? null);
  if (from !== (lastCheckpoint?.size ?? 0) || size <= from) return [];
  const { number, hash: previous } = lastCheckpoint ?? { number: 0, hash: null };
  return [
    { type: 'LogCheckpointed', data: signCheckpoint({ number: number + 1, size, root, lastEvent, previous }, key) },
  ];
}
