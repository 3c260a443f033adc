import type { Acme } from '../../support/acme.js';
import { changing, type Expected, type Rule } from './rules.js';
import type { Who } from './who.js';

/** Makes something for one call. @returns what stands for it in the path or the body */
export type Preparation = (world: Acme, who: Who) => Promise<string>;

export type Row = {
  readonly operation: string;
  readonly method: string;
  /** `{name}` is an id of the world, something prepared, or `{who}`. */
  readonly path: string;
  readonly rule: Rule;
  /** What the contract calls success. */
  readonly ok: number;
  readonly body?: unknown;
  /** Made anew for each call that should succeed; others are refused before they would miss it. */
  readonly prepare?: { readonly [name: string]: Preparation };
  /** Where this operation differs from its rule. */
  readonly except?: { readonly [who in Who]?: Expected };
  /** Sent by somebody who signed in for this call alone, because it ends or changes his session. */
  readonly alone?: true;
  /** Not sent at all, and why. */
  readonly never?: { readonly [who in Who]?: string };
};

type More = Pick<Row, 'body' | 'prepare' | 'except' | 'alone' | 'never'>;
type Make = (operation: string, path: string, rule: Rule, ok: number, more?: More) => Row;

const maker =
  (method: string): Make =>
  (operation, path, rule, ok, more = {}) => ({
    ...{ operation, method, ok, rule: method === 'GET' ? rule : changing(rule) },
    path: `/api/v1${path}`,
    ...more,
  });

export const get = maker('GET');
export const post = maker('POST');
export const put = maker('PUT');
export const del = maker('DELETE');
