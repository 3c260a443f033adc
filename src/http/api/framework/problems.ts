import type { Json } from '../../../domain/shared/json.js';

/** Codes of problem objects, their status and their meaning (conventions §7.1, §7.4). */
export const PROBLEMS = {
  invalid_request: { status: 400, description: 'The request was invalid: what is wrong with it is in the detail.' },
  invalid_response: { status: 400, description: 'What was asked for could not be answered.' },
  invalid_token: { status: 401, description: 'The request needs a sign-in, and none or no valid one came with it.' },
  expired_token: { status: 401, description: 'The access token has expired.' },
  fresh_login_required: { status: 401, description: 'The operation needs a password that was given a moment ago.' },
  exceeds_license: { status: 402, description: 'The operation exceeds what was paid for.' },
  insufficient_scope: { status: 403, description: 'Whoever signed in, or the token, may not do this.' },
  not_found: { status: 404, description: 'There is no such thing.' },
  tag_immutable: { status: 409, description: 'The tag is immutable: it can be neither moved nor deleted.' },
  token_rotation_failed: { status: 500, description: 'The token could not be replaced.' },
  downstream_issue: { status: 520, description: 'A service that this registry relies on failed.' },
  external_service_timeout: { status: 520, description: 'A service that this registry relies on did not answer.' },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(PROBLEMS, code);

/** Where the description of a code can be read: the `type` of a problem object. */
export const problemUrl = (root: string, code: ProblemCode): string => `${root}/api/v1/error/${code}`;

export type ApiAnswer = {
  readonly status: number;
  readonly body: Json;
  readonly headers?: { readonly [name: string]: string };
  /** For bodies that are not `application/json`. */
  readonly contentType?: string;
};

/** A refusal in the API's own words: each class is one of the shapes of conventions §7. */
export abstract class ApiError extends Error {
  /** @param root scheme and host of the server */
  abstract answer(root: string): ApiAnswer;
}

/** A problem object (§7.1). */
export class Problem extends ApiError {
  constructor(
    readonly code: ProblemCode,
    detail: string,
    private readonly extra: { readonly [name: string]: Json } = {},
  ) {
    super(detail);
    this.name = new.target.name;
  }

  answer(root: string): ApiAnswer {
    const { status } = PROBLEMS[this.code];
    const texts = { detail: this.message, error_message: this.message, error_type: this.code, title: this.code };
    return { status, body: { ...texts, type: problemUrl(root, this.code), status, ...this.extra } };
  }
}

export class InvalidRequest extends Problem {
  constructor(detail: string, extra: { readonly [name: string]: Json } = {}) {
    super('invalid_request', detail, extra);
  }
}

/** Nobody is signed in, or not in a way that counts here. */
export class Unauthenticated extends Problem {
  constructor(extra: { readonly [name: string]: Json } = {}) {
    super('invalid_token', 'Requires authentication', extra);
  }
}

export class Forbidden extends Problem {
  constructor() {
    super('insufficient_scope', 'Unauthorized');
  }
}

export class NotFound extends Problem {
  constructor() {
    super('not_found', 'Not Found');
  }
}

export class FreshLoginRequired extends Problem {
  constructor() {
    super('fresh_login_required', 'Requires fresh login');
  }
}

/** `{"message": …}` with any status (§7.2): rule violations (400) and plain aborts. */
export class Message extends ApiError {
  constructor(
    readonly status: number,
    message: string,
    private readonly extra: { readonly [name: string]: Json } = {},
    private readonly headers: { readonly [name: string]: string } = {},
  ) {
    super(message);
    this.name = new.target.name;
  }

  answer(): ApiAnswer {
    return { status: this.status, body: { message: this.message, ...this.extra }, headers: this.headers };
  }
}

/** The standard sentences of plain aborts (§7.2). */
export class PlainAbort extends Message {
  constructor(status: keyof typeof SENTENCES) {
    super(status, SENTENCES[status]);
  }
}

const SENTENCES = {
  400: 'The browser (or proxy) sent a request that this server could not understand.',
  403: "You don't have the permission to access the requested resource. It is either read-protected or not readable by the server.",
  404: 'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
  405: 'The method is not allowed for the requested URL.',
  415: "Did not attempt to load JSON data because the request Content-Type was not 'application/json'.",
} as const;

/** A query parameter that cannot be read: the message is an object (§7.2). */
export class BadParameter extends ApiError {
  constructor(
    private readonly parameter: string,
    private readonly description: string,
  ) {
    super(`${parameter}: ${description}`);
  }

  answer(): ApiAnswer {
    return { status: 400, body: { message: { [this.parameter]: this.description } } };
  }
}

/** `{"error": …}`, served as text/html (§7.2): what is refused before an endpoint is reached, and web routes. */
export class Refused extends ApiError {
  constructor(
    readonly status: number,
    error: string,
  ) {
    super(error);
    this.name = new.target.name;
  }

  answer(): ApiAnswer {
    return { status: this.status, body: { error: this.message }, contentType: 'text/html; charset=utf-8' };
  }
}
