import { DomainError } from '../shared/errors.js';
import type { TagName } from '../shared/reference.js';
import { DEFAULT_NAME_RULES, type NameRules, type RepositoryPath } from '../shared/repositoryPath.js';
import type { Schema1Facts } from './facts.js';

/** A schema 1 manifest names another repository than the one that it is pushed to. */
export class ManifestNameMismatch extends DomainError {
  readonly code = 'manifest-name-mismatch';
  constructor(part: 'namespace' | 'repository', embedded: string) {
    super(`${part} name does not match manifest`, { name: embedded });
  }
}

/** A schema 1 manifest names another tag than the one that it is pushed to. */
export class ManifestTagMismatch extends DomainError {
  readonly code = 'manifest-tag-mismatch';
  constructor(embedded: string) {
    super('manifest tag did not match URI', { tag: embedded });
  }
}

/**
 * Schema 1 manifests carry the name and the tag that they were made for.
 *
 * @param tag null for a push by digest, which is tagged with the embedded tag
 * @throws ManifestNameMismatch | ManifestTagMismatch
 * @see contract v2 §7.2, §7.3
 */
export function checkSchema1Target(
  manifest: Pick<Schema1Facts, 'name' | 'tag'>,
  path: RepositoryPath,
  tag: TagName | null,
  rules: Pick<NameRules, 'libraryNamespace'> = DEFAULT_NAME_RULES,
): void {
  const { name } = manifest;
  const slash = name.indexOf('/');
  const namespace = slash === -1 ? rules.libraryNamespace : name.slice(0, slash);
  if (namespace !== path.namespace) throw new ManifestNameMismatch('namespace', name);
  if (name.slice(slash + 1) !== path.repository) throw new ManifestNameMismatch('repository', name);
  if (tag !== null && tag !== manifest.tag) throw new ManifestTagMismatch(manifest.tag);
}
