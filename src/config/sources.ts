import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { isMapping } from './types/collections.js';
import type { Findings } from './types/place.js';
import { fromJson } from './types/valueType.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Values as somebody gave them; `fromText`: text of environment variables, still to be read by the key's type. */
export type Layer = {
  readonly source: (key: string) => string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly fromText: boolean;
};

export type Sources = {
  /** Where certificates and other files of the configuration lie; it need not exist. */
  readonly folder: string;
  /** From the weakest to the strongest. */
  readonly layers: readonly Layer[];
};

const PREFIX = 'TIDEMARK_';
const LOCATION = 'TIDEMARK_CONFIG';
const OVERRIDE = 'QUAY_OVERRIDE_CONFIG';
const PREFERENCE = 'QUAY_DISTRIBUTED_STORAGE_PREFERENCE';
const FILE = 'config.yaml';

const kindOf = (path: string): 'file' | 'folder' | undefined => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  return found.isDirectory() ? 'folder' : 'file';
};

type Found = { readonly folder: string; readonly file?: string };

function find(env: Environment, cwd: string, findings: Findings): Found {
  const named = env[LOCATION];
  if (named !== undefined && named !== '') {
    const path = resolve(cwd, named);
    const kind = kindOf(path);
    if (kind === 'file') return { folder: dirname(path), file: path };
    if (kind === undefined)
      findings.problems.push(`${LOCATION}: ${path} does not exist; it takes a file or its folder`);
    const within = join(path, FILE);
    if (kindOf(within) === 'file') return { folder: path, file: within };
    if (kind === 'folder') findings.warnings.push(`${LOCATION}: there is no ${FILE} in ${path}`);
    return { folder: path };
  }
  const files = [join(cwd, 'config', FILE), join(cwd, FILE)];
  const file = files.find((path) => kindOf(path) === 'file');
  return file === undefined ? { folder: join(cwd, 'config') } : { folder: dirname(file), file };
}

/** YAML 1.1, because that is what Quay reads: `yes` is true, and a file means the same to both. */
function readFile(path: string, findings: Findings): Readonly<Record<string, unknown>> {
  const refuse = (problem: string): Readonly<Record<string, unknown>> => {
    findings.problems.push(`${path}: ${problem}`);
    return {};
  };
  try {
    const document = parseDocument(readFileSync(path, 'utf8'), { version: '1.1' });
    const error = document.errors[0];
    // The lines that follow the first one quote the file, which may show a secret.
    if (error !== undefined) return refuse(`not YAML: ${error.message.split('\n')[0]?.replace(/:$/, '') ?? ''}`);
    const content: unknown = document.toJS();
    if (content === null || content === undefined) return {};
    return isMapping(content) ? content : refuse('not a YAML mapping of keys to values');
  } catch (error) {
    return refuse(error instanceof Error ? error.message : 'cannot be read');
  }
}

function readOverride(text: string | undefined, findings: Findings): Readonly<Record<string, unknown>> {
  if (text === undefined || text.trim() === '') return {};
  const content = fromJson(text);
  if (isMapping(content)) return content;
  findings.problems.push(`${OVERRIDE}: not a JSON mapping of keys to values`);
  return {};
}

/** An empty variable is one that was not given: compose files set such. */
function readVariables(env: Environment): Readonly<Record<string, string>> {
  const given = Object.entries(env).flatMap(([name, text]) =>
    name.startsWith(PREFIX) && name !== LOCATION && text !== undefined && text !== ''
      ? [[name.slice(PREFIX.length), text] as const]
      : [],
  );
  return Object.fromEntries(given);
}

/** Reads the file and the environment, once. What cannot be read is recorded and left out. */
export function readSources(env: Environment, cwd: string, findings: Findings): Sources {
  const { folder, file } = find(env, cwd, findings);
  const preference = env[PREFERENCE]?.trim() ?? '';
  const fromFile = file === undefined ? {} : readFile(file, findings);
  const layers: readonly Layer[] = [
    { source: () => basename(file ?? FILE), values: fromFile, fromText: false },
    { source: () => OVERRIDE, values: readOverride(env[OVERRIDE], findings), fromText: false },
    {
      source: () => PREFERENCE,
      values: preference === '' ? {} : { DISTRIBUTED_STORAGE_PREFERENCE: preference },
      fromText: true,
    },
    { source: (key) => `${PREFIX}${key}`, values: readVariables(env), fromText: true },
  ];
  return { folder, layers };
}
