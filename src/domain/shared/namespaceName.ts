import { isAsOfNamespace } from './asOf.js';
import type { Brand } from './brand.js';
import { DomainError } from './errors.js';

/** A name that a user or an organization may bear; both share one set of names (conventions §11). */
export type NamespaceName = Brand<string, 'NamespaceName'>;
/** What follows the `+` in `<namespace>+<robot>`. */
export type RobotShortName = Brand<string, 'RobotShortName'>;
/** Unique within its organization. */
export type TeamName = Brand<string, 'TeamName'>;

const NAME = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
const FORM = '^([a-z0-9]+(?:[._-][a-z0-9]+)*)$';
const SHORTEST = 2;
const LONGEST = 255;

/** The name of a user, an organization, a robot or a team breaks its rule; the message says which (conventions §11). */
export class NamespaceNameInvalid extends DomainError {
  readonly code = 'namespace-name-invalid';
}

/** Why the name cannot be used; null when it can. */
function faultOf(name: string, noun: 'Namespace' | 'Team'): string | null {
  if (name.length > LONGEST) return `${noun} must be between ${SHORTEST} and ${LONGEST} characters in length`;
  if (!NAME.test(name)) return `Namespace must match expression ${FORM}`;
  if (name.length < SHORTEST) return `${noun} must be between ${SHORTEST} and ${LONGEST} characters in length`;
  return null;
}

const shown = (name: string): string => name.slice(0, LONGEST);

const refusal = (prefix: string, name: string, fault: string): NamespaceNameInvalid =>
  new NamespaceNameInvalid(`${prefix}: ${fault}`, { name: shown(name) });

/**
 * A name for a new user or organization, or the new name of one.
 *
 * @param purpose decides the wording only: the management API says "username" when an account is renamed
 * @throws NamespaceNameInvalid also for names of the as-of form, which stand for a moment (design §7)
 */
export function parseNamespaceName(name: string, purpose: 'namespace' | 'username' = 'namespace'): NamespaceName {
  const prefix = `Invalid ${purpose} ${shown(name)}`;
  const fault = faultOf(name, 'Namespace');
  if (fault !== null) throw refusal(prefix, name, fault);
  if (isAsOfNamespace(name))
    throw refusal(prefix, name, 'names of this form stand for a moment in time and are reserved');
  return name as NamespaceName;
}

/** @throws NamespaceNameInvalid */
export function parseRobotShortName(name: string): RobotShortName {
  const fault = faultOf(name, 'Namespace');
  if (fault !== null) throw refusal(`The name for the robot '${shown(name)}' is invalid`, name, fault);
  return name as RobotShortName;
}

/** @throws NamespaceNameInvalid */
export function parseTeamName(name: string): TeamName {
  const fault = faultOf(name, 'Team');
  if (fault !== null) throw refusal(`Invalid team name ${shown(name)}`, name, fault);
  return name as TeamName;
}
