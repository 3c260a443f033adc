import type { Json } from './json.js';

/**
 * A refusal that the domain can explain. `code` is stable and is what protocols map to their own errors;
 * `details` are safe to show to the caller. The message says what happened and what to do.
 */
export abstract class DomainError extends Error {
  abstract readonly code: string;
  readonly details: { readonly [name: string]: Json };

  constructor(message: string, details: { readonly [name: string]: Json } = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.details = details;
  }
}
