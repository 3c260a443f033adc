import type { FederatedIdentity } from '../../../domain/namespace/events.js';
import { isJsonObject, type JsonObject } from '../../../domain/shared/json.js';
import { optional } from '../framework/body.js';
import { listOf, object, text } from '../framework/kinds.js';
import { nested } from '../framework/nested.js';

const LONGEST_DESCRIPTION = 255;

export class NewRobotBody {
  @optional(text({ max: LONGEST_DESCRIPTION })) readonly description?: string;
  @optional(object()) readonly unstructured_metadata?: JsonObject;
}

/** The whole list of whom a robot trusts. */
export const federationKind = listOf(nested({ issuer: text(), subject: text() }));

/** @param list as `federationKind` has it */
export const federationIn = (list: unknown): readonly FederatedIdentity[] =>
  (Array.isArray(list) ? list : []).filter(isIdentity);

const isIdentity = (entry: unknown): entry is FederatedIdentity =>
  isJsonObject(entry) && typeof entry['issuer'] === 'string' && typeof entry['subject'] === 'string';
