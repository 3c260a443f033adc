import type { Response } from 'express';
import { html } from '../oauth/html.js';
import { NO_CACHE } from './headers.js';
import { LOGO } from './logo.js';

export const STYLE = '/static/page.css';

export type Page = {
  readonly heading: string;
  readonly text: string;
};

/** Nothing from elsewhere, no script, and in nobody's frame. */
const POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** A page of plain HTML: for people who come with a browser. */
export function sendPage(response: Response, status: number, title: string, page: Page): void {
  response
    .status(status)
    .set({
      'Cache-Control': NO_CACHE,
      'Content-Security-Policy': POLICY,
      'X-Frame-Options': 'DENY',
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'same-origin',
    })
    .type('text/html')
    .send(rendered(title, page));
}

const rendered = (title: string, { heading, text }: Page): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${heading} · ${title}</title>
        <link rel="stylesheet" href="${STYLE}" />
        <link rel="search" type="application/opensearchdescription+xml" title="${title}" href="/opensearch.xml" />
      </head>
      <body>
        <main>
          <img src="${LOGO}" alt="${title}" height="40" />
          <h1>${heading}</h1>
          <p>${text}</p>
          <p><a href="/">Home</a> · <a href="/api-docs">API</a></p>
        </main>
      </body>
    </html> `.text;

export const PAGE_STYLE = `:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
body { margin: 0; }
main { max-width: 40rem; margin: 4rem auto; padding: 0 1.5rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 2rem 0 0.5rem; }
img { background: #fff; padding: 0.5rem; border-radius: 0.5rem; }
a { color: LinkText; }
`;
