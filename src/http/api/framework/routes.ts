import type { Endpoint, Method } from './endpoint.js';

export type Matched = {
  /** What the path's operations are, by method. */
  readonly methods: ReadonlyMap<Method, Endpoint>;
  readonly path: { readonly [name: string]: string };
};

type Route = {
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly methods: Map<Method, Endpoint>;
  /** Literal characters: of two paths that match, the more literal one is meant (sub-resources win over nested names). */
  readonly literal: number;
};

/** A segment; a repository is two or more; a digest is what OCI calls one in these paths (repositories §0.1). */
const shapeOf = (name: string): string => {
  if (name === 'repository') return '([^/]+/.+?)';
  if (name === 'manifestref') return '([A-Za-z0-9_+.-]+:[A-Fa-f0-9]+)';
  return '([^/]+)';
};

const PARAMETER = /\{([^}]+)\}/g;
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Finds the operations of a path. */
export class Routes {
  readonly #byResource = new Map<string, Route[]>();

  constructor(endpoints: readonly Endpoint[]) {
    const byPath = new Map<string, Route>();
    for (const endpoint of endpoints) {
      const route = byPath.get(endpoint.path) ?? routeOf(endpoint.path);
      if (route.methods.has(endpoint.method)) throw new Error(`${endpoint.method} ${endpoint.path} is declared twice`);
      byPath.set(endpoint.path, route);
      route.methods.set(endpoint.method, endpoint);
    }
    for (const [path, route] of byPath) {
      const resource = resourceOf(path);
      this.#byResource.set(resource, [...(this.#byResource.get(resource) ?? []), route]);
    }
    for (const routes of this.#byResource.values()) routes.sort((one, other) => other.literal - one.literal);
  }

  /**
   * @param sent as sent, without the query; a trailing slash too many or too few does no harm (conventions §1). Clients
   *   may encode what they like: `sha256%3A…` is a digest, and `org%2Fapp` a repository.
   */
  match(sent: string): Matched | undefined {
    const path = decoded(sent);
    for (const { pattern, names, methods } of this.#byResource.get(resourceOf(path)) ?? []) {
      const found = pattern.exec(path);
      if (!found) continue;
      const values = names.map((name, index) => [name, found[index + 1] ?? '']);
      return { methods, path: Object.fromEntries(values) as Matched['path'] };
    }
    return undefined;
  }
}

/** `/api/v1/organization/…` → `organization`: so few patterns are tried. */
const resourceOf = (path: string): string => path.split('/', 4)[3] ?? '';

function routeOf(path: string): Route {
  const names = [...path.matchAll(PARAMETER)].map(([, name = '']) => name);
  const parts = path.replace(/\/$/, '').split(PARAMETER);
  const source = parts.map((part, index) => (index % 2 === 0 ? escaped(part) : shapeOf(part))).join('');
  const literal = path.replace(PARAMETER, '').length;
  return { pattern: new RegExp(`^${source}/?$`), names, methods: new Map(), literal };
}

/** What is not well-formed stands for itself: nothing bears such a name. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
