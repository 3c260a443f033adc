import { AS_OF_LENGTH, asOfNamespace, isAsOfNamespace, momentOfNamespace } from './asOf.js';
import type { Brand } from './brand.js';
import { DomainError } from './errors.js';
import type { Timestamp } from './time.js';

/** What follows the namespace: `app`, `tools/app`. The management API allows more than clients can spell. */
export type RepositoryName = Brand<string, 'RepositoryName'>;

/**
 * A whole repository name, taken apart. `namespace` is as asked for, which need not be a name that a
 * namespace can bear (`a__b` is grammatical, but nobody can have created it).
 */
export type RepositoryPath = Brand<
  { readonly name: string; readonly namespace: string; readonly repository: RepositoryName },
  'RepositoryPath'
>;

/** What a client asked for: a repository, as it is (`moment` null) or as it was. */
export type RequestedRepository = { readonly path: RepositoryPath; readonly moment: Timestamp | null };

export type NameRules = {
  /** Namespace of one-segment names; null when they are not supported (`FEATURE_LIBRARY_SUPPORT`). */
  readonly libraryNamespace: string | null;
  /** Whether the part after the namespace may have several segments (`FEATURE_EXTENDED_REPOSITORY_NAMES`). */
  readonly extendedNames: boolean;
  /** Longest whole name. Clients limit `<host[:port]>/<name>` to 255 (DS-173), so a host's length may come off. */
  readonly maxLength: number;
};

export const DEFAULT_NAME_RULES: NameRules = { libraryNamespace: 'library', extendedNames: true, maxLength: 255 };

/** DS-004. Each character can be matched in one way only, so the time is linear. */
const OCI_NAME = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*$/;
const QUAY_NAME = /^[a-z0-9][.a-z0-9_-]*(?:\/[a-z0-9][.a-z0-9_-]*)*$/;
const QUAY_NAME_LENGTH = 255;

/** No repository can bear this name (`/v2`: `NAME_INVALID`). */
export class NameInvalid extends DomainError {
  readonly code = 'name-invalid';
  constructor(name: string, why: string) {
    super(`invalid repository name: ${why}`, { name: name.slice(0, 300) });
  }
}

/** One segment only, where no library namespace is supported (contract v2 §1). */
export class NamespaceRequired extends DomainError {
  readonly code = 'namespace-required';
  constructor(name: string) {
    super('A namespace must be specified explicitly', { name });
  }
}

/** More than one segment after the namespace, while extended names are off (contract v2 §4.3). */
export class NestedRepositoriesUnsupported extends DomainError {
  readonly code = 'nested-repositories-unsupported';
  constructor(name: string) {
    super(`Nested repositories are not supported. Found: ${name}`, { name });
  }
}

/** The management API's refusal of a repository name (conventions §11). */
export class RepositoryNameInvalid extends DomainError {
  readonly code = 'repository-name-invalid';
  constructor(name: string) {
    super('Invalid repository name', { name: name.slice(0, 300) });
  }
}

/**
 * The name in a `/v2` path or a token scope. `at-<8 digits>t<6 digits>z/<name>` is `<name>` as of that moment,
 * and `<name>` then follows the same rules, its length included.
 *
 * @throws NameInvalid | NamespaceRequired | NestedRepositoriesUnsupported
 * @see contract v2 §1
 */
export function parseRepositoryPath(text: string, rules: NameRules = DEFAULT_NAME_RULES): RequestedRepository {
  if (text.charCodeAt(AS_OF_LENGTH) === SLASH && isAsOfNamespace(text.slice(0, AS_OF_LENGTH))) {
    const moment = momentOfNamespace(text.slice(0, AS_OF_LENGTH));
    if (moment === null)
      throw new NameInvalid(text, 'there is no such date or time; give at-<yyyymmdd>t<hhmmss>z/<name>');
    const path = parsePresent(text.slice(AS_OF_LENGTH + 1), rules);
    if (isAsOfNamespace(path.namespace)) throw new NameInvalid(text, 'a name can stand for one moment only');
    return { path, moment };
  }
  return { path: parsePresent(text, rules), moment: null };
}

const SLASH = 0x2f;

function parsePresent(text: string, rules: NameRules): RepositoryPath {
  if (text.length > rules.maxLength) throw new NameInvalid(text, `use at most ${rules.maxLength} characters`);
  if (!OCI_NAME.test(text)) throw new NameInvalid(text, NAME_ADVICE);
  const slash = text.indexOf('/');
  if (slash === -1) return inLibrary(text, rules);
  if (!rules.extendedNames && text.includes('/', slash + 1)) throw new NestedRepositoriesUnsupported(text);
  return {
    name: text,
    namespace: text.slice(0, slash),
    repository: text.slice(slash + 1) as RepositoryName,
  } as RepositoryPath;
}

const NAME_ADVICE =
  'use lower-case letters and digits, with single dots, one or two underscores or hyphens between them, in segments parted by /';

function inLibrary(text: string, rules: NameRules): RepositoryPath {
  if (rules.libraryNamespace === null) throw new NamespaceRequired(text);
  return joinRepositoryPath(rules.libraryNamespace, text as RepositoryName, rules);
}

/**
 * The whole name of a repository that the management API names in two parts.
 *
 * @throws NameInvalid when the whole is too long for clients to spell
 */
export function joinRepositoryPath(
  namespace: string,
  repository: RepositoryName,
  rules: NameRules = DEFAULT_NAME_RULES,
): RepositoryPath {
  const name = `${namespace}/${repository}`;
  if (name.length > rules.maxLength) throw new NameInvalid(name, `use at most ${rules.maxLength} characters`);
  return { name, namespace, repository } as RepositoryPath;
}

/** The name by which a plain client asks for this repository as of that moment (to the second). */
export const asOfName = (path: RepositoryPath, moment: Timestamp): string => `${asOfNamespace(moment)}/${path.name}`;

/**
 * A repository name in the management API, whose grammar is wider than what `/v2` serves (`a..b`, `app-`).
 *
 * @throws RepositoryNameInvalid
 * @see conventions §11
 */
export function parseRepositoryName(text: string, rules: NameRules = DEFAULT_NAME_RULES): RepositoryName {
  const nested = text.includes('/');
  if (text.length > QUAY_NAME_LENGTH || !QUAY_NAME.test(text) || (nested && !rules.extendedNames)) {
    throw new RepositoryNameInvalid(text);
  }
  return text as RepositoryName;
}
