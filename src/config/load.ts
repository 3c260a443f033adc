import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { checks } from './checks.js';
import { configOf, type Config } from './config.js';
import { ConfigInvalid } from './errors.js';
import { isLoginServiceKey, parseLoginService, type LoginService } from './loginServices.js';
import { acceptedPrefixes } from './keys/quayProcess.js';
import { configKeys, isConfigKey, keys, type ConfigKey, type Settings } from './schema.js';
import { settle } from './settle.js';
import { readSources, type Environment, type Layer } from './sources.js';
import { nearest } from './suggest.js';
import { flag } from './types/scalars.js';
import { isRead, noFindings, Place, type Findings } from './types/place.js';
import { fromJson } from './types/valueType.js';

type Given = { readonly value: unknown; readonly layer: Layer };

const FEATURE = 'FEATURE_';
const UPPER_CASE = /^[A-Z][A-Z0-9_]*$/;

/** The strongest layer's value of each key; `null` takes a key away, except where it is a value. */
function overlay(layers: readonly Layer[]): Map<string, Given> {
  const given = new Map<string, Given>();
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer.values)) {
      if (!UPPER_CASE.test(key)) continue;
      const isAbsent = value === null && !(isConfigKey(key) && keys[key].type.takesNull === true);
      if (isAbsent) given.delete(key);
      else given.set(key, { value, layer });
    }
  }
  return given;
}

/** Everything that is being put together. */
type Draft = {
  readonly findings: Findings;
  readonly given: Map<string, string>;
  readonly refused: Set<ConfigKey>;
  readonly values: Map<ConfigKey, unknown>;
  readonly loginServices: LoginService[];
  readonly switches: Map<string, boolean>;
  readonly unknown: Map<string, unknown>;
};

/** The value as its type wants it: text of the environment is turned into what it means. */
function valueOf({ value, layer }: Given, fromText: (text: string) => unknown): unknown {
  return layer.fromText && typeof value === 'string' ? fromText(value) : value;
}

function readKnown(key: ConfigKey, given: Given, place: Place, draft: Draft): void {
  const { type } = keys[key];
  const value = valueOf(given, (text) => type.fromText(text));
  const where = type.secret ? place.masked() : place;
  const parsed = value === undefined ? where.refuse(given.value, type.allowed) : type.parse(value, place);
  if (isRead(parsed)) draft.values.set(key, parsed);
  else draft.refused.add(key);
}

/** Keys of which only a part of the name is known, and keys that nobody knows. */
function readOther(key: string, given: Given, place: Place, draft: Draft): void {
  if (isLoginServiceKey(key)) {
    const value = valueOf(given, fromJson);
    const service =
      value === undefined
        ? place.masked().refuse(given.value, 'a mapping, in JSON')
        : parseLoginService(key, value, place);
    if (isRead(service)) draft.loginServices.push(service);
    return;
  }
  if (acceptedPrefixes.some((prefix) => key.startsWith(prefix))) return;
  const near = nearest(key, configKeys);
  draft.findings.warnings.push(
    `${key}: unknown key (from ${given.layer.source(key)})${near === undefined ? '' : `; did you mean ${near}?`}`,
  );
  draft.unknown.set(key, given.value);
  if (!key.startsWith(FEATURE)) return;
  const isOn = flag.parse(valueOf(given, flag.fromText), place.muted());
  if (isRead(isOn)) draft.switches.set(key.slice(FEATURE.length), isOn);
}

function read(given: ReadonlyMap<string, Given>, findings: Findings): Draft {
  const draft: Draft = {
    findings,
    given: new Map(),
    refused: new Set(),
    values: new Map(),
    loginServices: [],
    switches: new Map(),
    unknown: new Map(),
  };
  for (const [key, each] of given) {
    const source = each.layer.source(key);
    const place = new Place(key, source, findings);
    draft.given.set(key, source);
    if (isConfigKey(key)) readKnown(key, each, place, draft);
    else readOther(key, each, place, draft);
  }
  return draft;
}

/** The default of a key, as its type reads it. */
function fallbackOf(key: ConfigKey): unknown {
  const { type, fallback } = keys[key];
  return fallback === undefined ? undefined : type.parse(fallback, new Place(key, 'the schema', noFindings()));
}

function settingsOf(draft: Draft, cwd: string): Settings {
  const values = configKeys.map(
    (key) => [key, draft.values.has(key) ? draft.values.get(key) : fallbackOf(key)] as const,
  );
  // Each value was read by the type that its key declares: what the compiler cannot follow through a loop over keys.
  const settings = Object.fromEntries(values) as Settings;
  return settle(settings, (key) => draft.values.has(key), cwd);
}

/** One line for all known keys that were given a value of their own and that nothing reads. */
function warnOfNoEffect(draft: Draft): void {
  const idle = [...draft.values].filter(
    ([key, value]) => keys[key].effect === 'accepted' && !isDeepStrictEqual(value, fallbackOf(key)),
  );
  const names = [...idle.map(([key]) => key), ...draft.loginServices.map(({ key }) => key)];
  if (names.length > 0) draft.findings.warnings.push(`known keys without effect in this version: ${names.join(', ')}`);
}

function featuresOf(settings: Settings, switches: ReadonlyMap<string, boolean>): ReadonlyMap<string, boolean> {
  const known = configKeys.flatMap((key) => {
    const value = settings[key];
    return key.startsWith(FEATURE) && typeof value === 'boolean' ? [[key.slice(FEATURE.length), value] as const] : [];
  });
  return new Map([...known, ...switches]);
}

/**
 * The effective configuration: defaults, under the file, under `QUAY_OVERRIDE_CONFIG`, under `TIDEMARK_<KEY>`.
 *
 * @param env read here and nowhere else
 * @param cwd where the file is looked for and what relative paths are relative to
 * @returns with one line for everything that an administrator should look at
 * @throws ConfigInvalid with one line for every value that cannot be used
 */
export function loadConfig(
  env: Environment,
  cwd: string,
): { readonly config: Config; readonly warnings: readonly string[] } {
  const findings = noFindings();
  const { folder, layers } = readSources(env, cwd, findings);
  const draft = read(overlay(layers), findings);
  const settings = settingsOf(draft, cwd);
  const facts = { loginServices: draft.loginServices, hasFile: (name: string) => existsSync(join(folder, name)) };
  for (const { keys: involved, problem } of checks) {
    const found = involved.some((key) => draft.refused.has(key)) ? undefined : problem(settings, facts);
    if (found !== undefined) findings.problems.push(`${involved[0]}: ${found}`);
  }
  if (findings.problems.length > 0) throw new ConfigInvalid(findings.problems, findings.warnings);
  warnOfNoEffect(draft);
  const { given, unknown, loginServices, switches } = draft;
  const features = featuresOf(settings, switches);
  return {
    config: configOf(settings, { folder, given, unknown, loginServices, features, environment: env }),
    warnings: findings.warnings,
  };
}
