import { Router } from 'express';
import { html } from '../oauth/html.js';
import { NO_CACHE } from './headers.js';

/** What programs ask any web server for (contract: superuser §14). */
export function wellKnownRoutes(root: string, title: string): Router {
  const router = Router();
  router.get('/.well-known/app-capabilities', (_request, response) => {
    response.set('Cache-Control', NO_CACHE).json(capabilities(root));
  });
  router.get('/robots.txt', (_request, response) => {
    response.type('text/plain').send('User-agent: *\nDisallow: /\n');
  });
  router.get('/opensearch.xml', (_request, response) => {
    response.type('application/opensearchdescription+xml').send(openSearch(root, title));
  });
  return router;
}

function capabilities(root: string) {
  const repository = `${root}/api/v1/repository/{namespace}/{reponame}`;
  return {
    appName: 'io.quay',
    capabilities: {
      'io.quay.view-image': { 'url-template': `${root}/{namespace}/{reponame}:{tag}` },
      'io.quay.image-security': {
        'rest-api-template': `${repository}/image/{imageid}/security`,
        deprecated: true,
      },
      'io.quay.manifest-security': { 'rest-api-template': `${repository}/manifest/{digest}/security` },
    },
  };
}

/** So that a browser's search field can look for repositories. */
const openSearch = (root: string, title: string): string =>
  html`<?xml version="1.0" encoding="UTF-8"?>
    <OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
      <ShortName>${title.slice(0, SHORT)}</ShortName>
      <Description>${`Repositories in ${title}`}</Description>
      <InputEncoding>UTF-8</InputEncoding>
      <Url type="text/html" method="get" template="${root}/search?q={searchTerms}" />
    </OpenSearchDescription> `.text;

/** OpenSearch 1.1, "ShortName": no more characters than these. */
const SHORT = 16;
