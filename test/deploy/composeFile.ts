import { parse } from 'yaml';
import { checkoutText } from './checkout.js';

/** What the tests look at in a service of docker-compose.yml. */
export type Service = {
  readonly image: string;
  readonly build?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly restart?: string;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: { readonly replicas: number };
};

export type ComposeFile = {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};

/** `${NAME}` or `${NAME:-what else}`. */
const VARIABLE = /\$\{([A-Z0-9_]+)(?::-([^}]*))?\}/g;

/** The file as Compose reads it in these surroundings, by default in none. `compose config` says the same (see the deploy suite). */
export function composeFile(surroundings: Readonly<Record<string, string>> = {}): ComposeFile {
  const text = checkoutText('docker-compose.yml').replaceAll(
    VARIABLE,
    (_all, name: string, otherwise: string | undefined) => surroundings[name] ?? otherwise ?? '',
  );
  // Compose itself checks the form of the file.
  return parse(text, { merge: true }) as ComposeFile;
}

/** The names that the file takes from its surroundings, with what they are otherwise. */
export const variablesOfComposeFile = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...checkoutText('docker-compose.yml').matchAll(VARIABLE)].map(([, name = '', otherwise = '']) => [
      name,
      otherwise,
    ]),
  );

export function serviceNamed(name: string): Service {
  const service = composeFile().services[name];
  if (!service) throw new Error(`docker-compose.yml has no service ${name}`);
  return service;
}
