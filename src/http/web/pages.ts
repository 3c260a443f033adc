import { Router } from 'express';
import { logoRoutes } from './logo.js';
import { PAGE_STYLE, sendPage, STYLE } from './page.js';

/** The first part of the paths that belong to a web UI (contract: superuser §14): no namespace is looked for there. */
const UI: readonly string[] = [
  ...['organization', 'organizations', 'user', 'repository', 'search', 'superuser', 'setup', 'signin', 'updateuser'],
  ...['createaccount', 'confirminvite', 'new', 'tutorial', 'guide', 'tour', 'contact', 'about', 'security', 'plans'],
  ...['enterprise', 'tos', 'privacy', 'v1', '__exp', 'overview', 'service-keys', 'change-log', 'usage-logs'],
  ...['messages', 'build-logs', 'oauth-error', '404', '500'],
];

/** What a browser is shown where a web UI would be: that this is a registry, and how to use it. */
export function pageRoutes(title: string): Router {
  const router = Router();
  router.use(logoRoutes());
  router.get(STYLE, (_request, response) => {
    response.set('Cache-Control', 'public, max-age=86400').type('text/css').send(PAGE_STYLE);
  });
  router.get(['/', ...UI.flatMap((name) => [`/${name}`, `/${name}/*rest`])], (_request, response) => {
    sendPage(response, 200, title, {
      heading: title,
      text: 'This is a container registry. Use it with docker, podman or any other client, and manage it by its API.',
    });
  });
  return router;
}
