import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Router } from 'express';

const FILES = [
  ['swagger-ui.css', 'text/css'],
  ['swagger-ui-bundle.js', 'text/javascript'],
  ['swagger-ui-standalone-preset.js', 'text/javascript'],
  ['favicon-32x32.png', 'image/png'],
] as const;

/** All from here, and nothing inline that runs. React sets single styles by script, which needs no permission. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API</title>
<link rel="icon" href="/api-docs/favicon-32x32.png">
<link rel="stylesheet" href="/api-docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/api-docs/swagger-ui-bundle.js"></script>
<script src="/api-docs/swagger-ui-standalone-preset.js"></script>
<script src="/api-docs/start.js"></script>
</body>
</html>
`;

/** Calls are those of the browser's session: with the token that proves that, and marked as no link that was followed. */
const START = `let token = fetch('/csrf_token').then(async (answer) => (await answer.json()).csrf_token);
window.onload = () => {
  SwaggerUIBundle({
    dom_id: '#api',
    urls: [
      { name: 'discovery (Swagger 2.0)', url: '/api/v1/discovery' },
      { name: 'all operations (OpenAPI 3.1)', url: '/api/v1/openapi.json' },
    ],
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    layout: 'StandaloneLayout',
    deepLinking: true,
    validatorUrl: null,
    requestInterceptor: async (request) => {
      request.headers['X-Requested-With'] = 'XMLHttpRequest';
      request.headers['X-CSRF-Token'] = await token;
      return request;
    },
    responseInterceptor: (response) => {
      token = response.headers['x-next-csrf-token'] ?? token;
      return response;
    },
  });
};
`;

/** The description of the API for people, who can try it out there. */
export function apiDocsRoutes(): Router {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const router = Router();
  router.get('/api-docs', (_request, response) => {
    response
      .set({ 'Content-Security-Policy': POLICY, 'X-Frame-Options': 'DENY', 'X-Content-Type-Options': 'nosniff' })
      .type('text/html')
      .send(PAGE);
  });
  router.get('/api-docs/start.js', (_request, response) => {
    response.type('text/javascript').send(START);
  });
  for (const [name, type] of FILES) {
    const bytes = readFileSync(join(folder, name));
    router.get(`/api-docs/${name}`, (_request, response) => {
      response.set('Cache-Control', 'public, max-age=86400').type(type).send(bytes);
    });
  }
  return router;
}
