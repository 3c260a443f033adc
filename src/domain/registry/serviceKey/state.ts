import type { Happened } from '../../shared/event.js';
import type { JsonObject } from '../../shared/json.js';
import type { Timestamp } from '../../shared/time.js';
import type { RegistryEvent } from '../events.js';

export type ServiceKey = {
  readonly kid: string;
  readonly service: string;
  readonly name: string;
  readonly jwk: JsonObject;
  readonly metadata: JsonObject;
  readonly created: Timestamp;
  readonly expires: Timestamp | null;
  readonly approved: boolean;
};

export type ServiceKeys = ReadonlyMap<string, ServiceKey>;

type KeyEvent = Extract<RegistryEvent, { type: `ServiceKey${string}` }>;

export function evolveServiceKeys(keys: ServiceKeys, event: Happened<KeyEvent>): ServiceKeys {
  const { kid } = event.data;
  const changed = new Map(keys);
  const known = keys.get(kid);
  switch (event.type) {
    case 'ServiceKeyCreated':
    case 'ServiceKeyRotated': {
      const { service, name, jwk, metadata, expires } = event.data;
      const rotated = event.type === 'ServiceKeyRotated';
      if (rotated) changed.delete(event.data.signerKid);
      return changed.set(kid, { kid, service, name, jwk, metadata, expires, created: event.at, approved: rotated });
    }
    case 'ServiceKeyApproved':
      return known ? changed.set(kid, { ...known, approved: true }) : keys;
    case 'ServiceKeyChanged':
      return known ? changed.set(kid, { ...known, ...event.data }) : keys;
    case 'ServiceKeyDeleted':
      changed.delete(kid);
      return changed;
  }
}
