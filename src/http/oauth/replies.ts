import type { Json } from '../../domain/shared/json.js';
import type { Html } from './html.js';

/** What a browser route answers. */
export type Reply =
  | { readonly kind: 'page'; readonly status: number; readonly page: Page }
  | { readonly kind: 'json'; readonly status: number; readonly body: Json }
  | { readonly kind: 'redirect'; readonly to: string };

/** `formTargets`: where its forms may lead, beside ourselves, in the words of a Content-Security-Policy. */
export type Page = { readonly title: string; readonly body: Html; readonly formTargets?: readonly string[] };

/** A refusal that ends a request, in the contract's own form. */
export class Refusal extends Error {
  constructor(readonly reply: Reply) {
    super(reply.kind === 'redirect' ? 'sent back with an error' : `refused with ${reply.status}`);
    this.name = 'Refusal';
  }
}

export const json = (status: number, body: Json): Reply => ({ kind: 'json', status, body });
export const redirect = (to: string): Reply => ({ kind: 'redirect', to });
export const page = (status: number, shown: Page): Reply => ({ kind: 'page', status, page: shown });

/** `{"error": …}`, as OAuth says it (RFC 6749 §5.2). */
export const refused = (status: number, error: string): Refusal => new Refusal(json(status, { error }));
