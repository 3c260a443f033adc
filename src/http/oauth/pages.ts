import { hash } from 'node:crypto';
import type { ScopeInfo } from '../../domain/oauth/scopes.js';
import { html, Html, nothing } from './html.js';
import type { Page } from './replies.js';

/** One style for all pages; the policy allows it, and nothing else, by its hash. */
const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; color: #151515; }
h1 { font-size: 1.5rem; }
li { margin: .5rem 0; }
code { background: #f0f0f0; padding: .2rem .4rem; overflow-wrap: anywhere; }
form { display: inline; }
button { font: inherit; padding: .4rem 1rem; margin-right: .5rem; }
.danger { color: #a30000; font-weight: 600; }
`;

/** Shows the token, which only the browser knows: it stands behind the `#`, which is never sent. */
const LOCAL_SCRIPT = `
const granted = new URLSearchParams(location.hash.slice(1));
const asked = new URLSearchParams(location.search);
const token = granted.get('access_token');
history.replaceState(null, '', location.pathname + location.search);
if (token) {
  document.getElementById('token').textContent = token;
  document.getElementById('made').hidden = false;
  document.getElementById('none').hidden = true;
  const message = { type: 'OAUTH_TOKEN_GENERATED', token, scope: asked.get('scope'), state: asked.get('state') };
  if (window.opener) window.opener.postMessage(message, location.origin);
}
`;

const hashed = (text: string): string => `'sha256-${hash('sha256', text, 'base64')}'`;

/** What pages may do: show themselves, send their forms to us and to where we redirect, and nothing else. */
export const contentPolicy = (formTargets: readonly string[] = []): string =>
  [
    "default-src 'none'",
    `style-src ${hashed(STYLE)}`,
    `script-src ${hashed(LOCAL_SCRIPT)}`,
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');

export const rendered = ({ title, body }: Page): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${new Html(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <h1>${title}</h1>
        ${body}
      </body>
    </html>`.text;

export const messagePage = (title: string, message: string): Page => ({ title, body: html`<p>${message}</p>` });

/** What somebody is asked, and what his answer must repeat. */
export type Question = {
  readonly application: { readonly name: string; readonly description: string; readonly url: string };
  readonly organization: string;
  readonly username: string;
  readonly scopes: readonly ScopeInfo[];
  readonly redirectUri: string;
  /** Hidden members of the form: parameters of the request, and the token against forgery. */
  readonly fields: { readonly [name: string]: string | null };
};

export function consentPage(question: Question): Page {
  const { application, organization, username, scopes, redirectUri, fields } = question;
  const hidden = Object.entries(fields).flatMap(([name, value]) =>
    value === null ? [] : [html`<input type="hidden" name="${name}" value="${value}" />`],
  );
  const target = targetOf(redirectUri);
  return {
    title: `Authorize ${application.name}`,
    body: html`
      <p>
        The application <strong>${application.name}</strong> of <strong>${organization}</strong> asks for access to this
        registry in your name, <strong>${username}</strong>.
      </p>
      ${application.description === '' ? nothing : html`<p>${application.description}</p>`}
      ${/^https?:\/\//.test(application.url) ? linkTo(application.url) : nothing}
      <ul>
        ${scopes.map(scopeItem)}
      </ul>
      <p>You will be sent to <code>${target}</code>.</p>
      <form method="post" action="/oauth/authorizeapp">
        ${hidden}<button type="submit">Authorize Application</button>
      </form>
      <form method="post" action="/oauth/denyapp">${hidden}<button type="submit">Cancel</button></form>
    `,
    formTargets: [target],
  };
}

/** Scheme, host and port: enough to know it by, and all that a policy names. */
const targetOf = (uri: string): string => {
  const { protocol, host } = new URL(uri);
  return protocol === 'http:' || protocol === 'https:' ? `${protocol}//${host}` : protocol;
};

const linkTo = (url: string): Html => html`<p><a href="${url}" rel="noreferrer noopener">${url}</a></p>`;

const scopeItem = ({ title, description, dangerous }: ScopeInfo): Html => html`
  <li>
    <strong>${title}</strong>${dangerous ? html` <span class="danger">Think twice</span>` : nothing}<br />${description}
  </li>
`;

/** Where a token lands that somebody made for himself. */
export const localPage: Page = {
  title: 'Access token',
  body: html`
    <p id="none">There is no token in the address of this page.</p>
    <div id="made" hidden>
      <p>Your access token:</p>
      <p><code id="token"></code></p>
      <p>Keep it now: it is shown only once, and whoever has it can act in your name.</p>
    </div>
    ${new Html(`<script>${LOCAL_SCRIPT}</script>`)}
  `,
};
