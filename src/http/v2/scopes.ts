import { DomainError } from '../../domain/shared/errors.js';
import {
  NestedRepositoriesUnsupported,
  parseRepositoryPath,
  type NameRules,
  type RequestedRepository,
} from '../../domain/shared/repositoryPath.js';
import type { Action } from '../auth/tokens.js';
import { OciError } from './errors.js';

/** What a client wants to do with one repository. */
export type RepositoryScope = {
  /** As asked for: what the token names. */
  readonly name: string;
  readonly requested: RequestedRepository;
  readonly actions: ReadonlySet<Action>;
};

const MAXIMUM_SCOPES = 10;
const MAXIMUM_TEXT = 16 * 1024;
const SCOPE = /^([a-z]+(?:\([a-z]+\))?):(.*):([a-z*,]*)$/;

/**
 * The repositories of all `scope` parameters, each of which may hold several scopes (contract: registry-v2 §4.1, §4.3).
 * Other types are ignored, repeated repositories merged.
 *
 * @param host a name may be prefixed with it
 * @throws OciError 400
 */
export function parseScopes(parameters: readonly string[], rules: NameRules, host: string): RepositoryScope[] {
  const text = parameters.join(' ');
  const scopes = text.split(' ').filter((scope) => scope !== '');
  if (text.length > MAXIMUM_TEXT || scopes.length > MAXIMUM_SCOPES) {
    throw new OciError(
      400,
      'INVALID_REQUEST',
      `at most ${MAXIMUM_SCOPES} scopes of ${MAXIMUM_TEXT} characters can be asked for`,
    );
  }
  const found = new Map<string, RepositoryScope>();
  for (const scope of scopes) {
    const [, type, name = '', actions = ''] = SCOPE.exec(scope) ?? [];
    if (type === undefined) {
      throw new OciError(400, 'INVALID_REQUEST', `Unable to decode repository and actions: ${scope.slice(0, 300)}`);
    }
    if (type !== 'repository') continue;
    const known = found.get(name)?.actions ?? [];
    const wanted = new Set<Action>([...known, ...actions.split(',').filter(isAction)]);
    found.set(name, { name, requested: parseName(name, rules, host), actions: wanted });
  }
  return [...found.values()];
}

const isAction = (action: string): action is Action => ['pull', 'push', 'delete', '*'].includes(action);

function parseName(name: string, rules: NameRules, host: string): RequestedRepository {
  try {
    return parseRepositoryPath(name.startsWith(`${host}/`) ? name.slice(host.length + 1) : name, rules);
  } catch (error) {
    if (!(error instanceof DomainError) || error instanceof NestedRepositoriesUnsupported) throw error;
    throw new OciError(400, 'NAME_INVALID', `Invalid repository name: ${name.slice(0, 300)}`);
  }
}
