import type { ApiAnswer, ApiClient } from './apiClient.js';

/** What a page's form sends when its button is pressed. */
export type Form = { readonly action: string; readonly fields: { readonly [name: string]: string } };

const ENTITIES: { readonly [entity: string]: string } = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

const unescaped = (text: string): string =>
  text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? '');

/** The forms of a page, in their order. */
export function formsOf({ text }: ApiAnswer): Form[] {
  return [...text.matchAll(/<form method="post" action="([^"]*)">([\s\S]*?)<\/form>/g)].map(
    ([, action = '', content = '']) => {
      const inputs = [...content.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)" \/>/g)];
      const fields = inputs.map(([, name = '', value = '']) => [unescaped(name), unescaped(value)]);
      return { action: unescaped(action), fields: Object.fromEntries(fields) as Form['fields'] };
    },
  );
}

/** Sends a form as a browser does: nothing proves it to be the page's own but the page's hidden field. */
export const submit = (browser: ApiClient, { action, fields }: Form): Promise<ApiAnswer> =>
  browser.send('POST', action, {
    body: new URLSearchParams(fields).toString(),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'X-CSRF-Token': '' },
  });

export const pathWith = (path: string, query: { readonly [name: string]: string }): string =>
  `${path}?${new URLSearchParams(query).toString()}`;

/** Where a redirect leads, with what is handed over there. */
export function handedOver(answer: ApiAnswer): {
  readonly to: string;
  readonly query: { readonly [name: string]: string };
  readonly fragment: { readonly [name: string]: string };
} {
  const location = answer.headers.get('location');
  if (answer.status !== 302 || location === null) throw new Error(`no redirect: ${answer.status} ${answer.text}`);
  const { origin, pathname, searchParams, hash } = new URL(location);
  return {
    to: `${origin}${pathname}`,
    query: Object.fromEntries(searchParams),
    fragment: Object.fromEntries(new URLSearchParams(hash.slice(1))),
  };
}

/** Goes to an application's link and agrees to what the page asks. */
export async function agree(browser: ApiClient, asked: { readonly [name: string]: string }): Promise<ApiAnswer> {
  const page = await browser.get(pathWith('/oauth/authorize', asked));
  const [form] = formsOf(page);
  if (page.status !== 200 || !form) throw new Error(`nobody asks: ${page.status} ${page.text}`);
  return submit(browser, form);
}
