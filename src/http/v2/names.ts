import { parseRepositoryPath, type RequestedRepository } from '../../domain/shared/repositoryPath.js';
import { BoundedMap } from '../boundedMap.js';
import type { Registry } from './registry.js';

const REMEMBERED = 10_000;
const parsed = new BoundedMap<string, RequestedRepository>(REMEMBERED);

/** The repository that a path names. Parsing is pure, so what was parsed before needs no parsing. @throws NameInvalid */
export function requestedRepository({ settings }: Registry, name: string): RequestedRepository {
  const known = parsed.get(name);
  if (known) return known;
  const requested = parseRepositoryPath(name, settings.names);
  parsed.set(name, requested);
  return requested;
}
