import type { Static, TSchema } from 'typebox';
import type { DomainError } from '../../../domain/shared/errors.js';
import type { Json } from '../../../domain/shared/json.js';
import type { Scope } from '../../../domain/oauth/scopes.js';
import { schemaOf, validated, type BodyClass } from './body.js';
import type { Call, Incoming } from './call.js';
import { parsedJson } from './json.js';
import type { JsonSchema, Kind } from './kinds.js';
import { FreshLoginRequired, InvalidRequest, PlainAbort, type ApiError } from './problems.js';
import { readQuery, type Parameters, type QueryOf } from './query.js';
import type { Rule } from './rules.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

type Names<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
export type PathOf<Path extends string> = { readonly [name in Names<Path>]: string };

/** What an endpoint may answer when all went well: a schema per status, null for no body. */
export type Answers = { readonly [status: number]: TSchema | null };

type BodyOf<Answer> = Answer extends TSchema ? Static<Answer> : null;
export type AnswerOf<Declared extends Answers> = {
  readonly [Status in keyof Declared & number]: {
    readonly status: Status;
    readonly body: BodyOf<Declared[Status]>;
    readonly headers?: { readonly [name: string]: string };
  };
}[keyof Declared & number];

export type Answered<Status extends number, Body> = {
  readonly status: Status;
  readonly body: Body;
  readonly headers: { readonly [name: string]: string };
};

export const answer = <const Status extends number, Body>(
  status: Status,
  body: Body,
  headers: { readonly [name: string]: string } = {},
): Answered<Status, Body> => ({ status, body, headers });

/** How a refusal of the domain is said here, by its code, where that is not `400 {"message": …}`. */
export type Refusals = { readonly [code: string]: (error: DomainError) => ApiError };

export type Definition<
  Path extends string,
  Declared extends Answers,
  Query extends Parameters,
  Body extends object,
  Target,
> = {
  /** Of the discovery document, where tools know it by that name. */
  readonly operation: string;
  readonly method: Method;
  /** From the root, with `{name}` for a segment; `{repository}` takes `namespace/name`, names with slashes included. */
  readonly path: Path;
  /** Quay's name for the group. */
  readonly module: string;
  /** One sentence. */
  readonly summary: string;
  /** Who may call, and what is found for the handler on the way. */
  readonly access: Rule<Target>;
  /** As the document shows it; what counts is how far a token reaches (conventions §5). */
  readonly scope?: Scope;
  /** Needs a password that was given a moment ago (conventions §4). */
  readonly fresh?: true;
  /** Whoever calls it proves himself by what he sends: no session, hence no token of one, is needed. */
  readonly ownProof?: true;
  /** Left out of the public document. */
  readonly internal?: true;
  /** The body is checked before the permission, or after it: overrides what is usual for the rule (conventions §7.3). */
  readonly bodyFirst?: boolean;
  readonly query?: Query;
  readonly body?: BodyClass<Body>;
  /** The body may be missing; an absent one is `{}`. `lenient`: so is one that is no JSON. */
  readonly bodyOptional?: true | 'lenient';
  /** What a body is that is no object: the handler reads it with `jsonOf`. */
  readonly bodyKind?: Kind;
  readonly answers: Declared;
  /** Statuses of refusals beyond 400, 401, 403 and 404, for the document. */
  readonly refused?: readonly number[];
  readonly refusals?: Refusals;
  readonly handle: (call: Call<PathOf<Path>, QueryOf<Query>, Body, Target>) => Promise<AnswerOf<Declared>>;
};

export type Outcome = {
  readonly status: number;
  readonly body: Json;
  readonly headers?: { readonly [name: string]: string };
};

/** One operation, as router and document see it. */
export type Endpoint = {
  readonly operation: string;
  readonly method: Method;
  readonly path: string;
  readonly module: string;
  readonly summary: string;
  readonly scope: Scope | undefined;
  readonly fresh: boolean;
  readonly internal: boolean;
  readonly ownProof: boolean;
  /** May be called without a sign-in also where anonymous access is off. */
  readonly always: boolean;
  readonly query: Parameters;
  readonly body: JsonSchema | undefined;
  readonly bodyRequired: boolean;
  readonly answers: { readonly [status: string]: JsonSchema | null };
  readonly refused: readonly number[];
  readonly refusals: Refusals;
  respond(incoming: Incoming): Promise<Outcome>;
};

/** Declares an operation: who may call it, what it takes, what it answers, what it does. */
export function endpoint<
  const Path extends string,
  const Declared extends Answers,
  const Query extends Parameters = Record<string, never>,
  Body extends object = Record<string, never>,
  Target = undefined,
>(definition: Definition<Path, Declared, Query, Body, Target>): Endpoint {
  const {
    access,
    body,
    fresh = false,
    scope,
    internal = false,
    ownProof = false,
    refused = [],
    refusals = {},
  } = definition;
  const query: Parameters = definition.query ?? {};
  const bodyFirst = definition.bodyFirst ?? access.bodyFirst;
  return {
    ...{ operation: definition.operation, method: definition.method, path: definition.path },
    ...{ module: definition.module, summary: definition.summary },
    answers: asJson(definition.answers),
    ...{ scope, fresh, internal, ownProof, query, refused, refusals, always: access.always },
    body: body ? schemaOf(body) : definition.bodyKind?.schema,
    bodyRequired: (body ?? definition.bodyKind) !== undefined && definition.bodyOptional === undefined,
    respond: async (incoming) => {
      access.enter?.(incoming);
      if (fresh && access.freshFirst) requireFresh(incoming);
      access.beforeBody?.();
      const early = bodyFirst ? await read(incoming, definition) : undefined;
      const { target, asSuperuser } = await access.admit(incoming);
      if (fresh && !access.freshFirst) requireFresh(incoming);
      const call = {
        ...incoming,
        // The router matched this very path, so its names are those of `Path`.
        path: incoming.path as PathOf<Path>,
        query: readQuery(definition.query ?? noParameters<Query>(), incoming.search),
        body: early ?? (await read(incoming, definition)),
        target,
        context: { ...incoming.context, asSuperuser },
      };
      // Each answer was checked against its schema's type; a schema describes nothing but JSON.
      return await definition.handle(call);
    },
  };
}

/** Schemas as they are written down: the marks by which TypeBox knows its own stay behind. */
const asJson = (answers: Answers): Endpoint['answers'] => JSON.parse(JSON.stringify(answers)) as Endpoint['answers'];

/** An endpoint without parameters declares none: `Query` is the empty record then. */
const noParameters = <Query extends Parameters>(): Query => ({}) as Query;

function requireFresh(incoming: Incoming): void {
  if (!incoming.session.isFresh) throw new FreshLoginRequired();
}

async function read<Body extends object>(
  incoming: Incoming,
  { body, bodyOptional }: { readonly body?: BodyClass<Body>; readonly bodyOptional?: true | 'lenient' },
): Promise<Body> {
  // An endpoint without a body declares none: `Body` is the empty record then.
  if (!body) return {} as Body;
  return validated(body, json(incoming, bodyOptional));
}

/**
 * A body of a kind that is no object.
 *
 * @throws InvalidRequest, PlainAbort
 */
export function jsonOf(incoming: Pick<Incoming, 'rawBody' | 'contentType'>, kind: Kind): unknown {
  const value = json(incoming, undefined);
  if (value === null) throw new InvalidRequest('Missing JSON body');
  const fault = kind.fault(value);
  if (fault !== null) throw new InvalidRequest(fault);
  return value;
}

function json(
  { rawBody, contentType }: Pick<Incoming, 'rawBody' | 'contentType'>,
  missing: true | 'lenient' | undefined,
): unknown {
  const isJson = /^application\/(?:[a-z0-9.+-]+\+)?json\b/i.test(contentType ?? '');
  if (!isJson || rawBody.byteLength === 0) {
    if (missing) return {};
    if (!isJson) throw new PlainAbort(415);
  }
  try {
    return parsedJson(rawBody.toString('utf8'));
  } catch {
    if (missing === 'lenient') return {};
    throw new PlainAbort(400);
  }
}
