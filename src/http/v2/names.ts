import { parseRepositoryPath, type NameRules, type RequestedRepository } from '../../domain/shared/repositoryPath.js';
import { BoundedMap } from '../boundedMap.js';
import { OciError } from './errors.js';
import type { Registry } from './registry.js';

const REMEMBERED = 10_000;
/** For each set of rules, because the same text can be a name by one and none by another. */
const parsed = new WeakMap<NameRules, BoundedMap<string, RequestedRepository>>();

/** The repository that a path names. Parsing is pure, so what was parsed before needs no parsing. @throws NameInvalid */
export function requestedRepository({ settings }: Registry, name: string): RequestedRepository {
  let names = parsed.get(settings.names);
  if (!names) parsed.set(settings.names, (names = new BoundedMap(REMEMBERED)));
  const known = names.get(name);
  if (known) return known;
  const requested = parseRepositoryPath(name, settings.names);
  names.set(name, requested);
  return requested;
}

/** @throws OciError 405 for a moment: before anything else is asked (contract: registry-v2 §1) */
export function refusePast(moment: string | null): void {
  if (moment === null) return;
  throw new OciError(405, 'UNSUPPORTED', 'the past can be read but not changed: use the plain repository name');
}
