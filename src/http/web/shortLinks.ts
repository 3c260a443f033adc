import { Router, type Request, type Response } from 'express';
import { may, type Subject } from '../../domain/access.js';
import type { Directory } from '../../projections/directory.js';
import type { NamespaceDocument } from '../../projections/namespaces.js';
import { NO_CACHE } from './headers.js';
import { sendPage, type Page } from './page.js';

export type ShortLinkOptions = {
  readonly directory: Pick<Directory, 'namespace' | 'repository' | 'namespaceFacts' | 'repositoryFacts' | 'policy'>;
  /** Who asks, by his session. */
  readonly subjectOf: (request: Request) => Promise<Subject>;
  readonly title: string;
};

/** `/<namespace>` and `/<namespace>/<repository>[:tag]`, as people type them, lead to the pages (contract: superuser §14). */
export function shortLinkRoutes(options: ShortLinkOptions): Router {
  const router = Router();
  router.use('/api', (_request, _response, next) => {
    next('router');
  });
  router.get('/:namespace', async (request, response) => {
    const { namespace: name } = request.params;
    const namespace = await options.directory.namespace(name);
    if (namespace) redirect(response, homeOf(namespace));
    else sendPage(response, 404, options.title, noNamespace(name));
  });
  router.get('/:namespace/*repository', async (request, response) => {
    const { namespace, repository } = request.params;
    await toRepository(options, namespace, repository.join('/'), request, response);
  });
  return router;
}

const homeOf = ({ name, kind }: NamespaceDocument): string =>
  `/${kind === 'organization' ? 'organization' : 'user'}/${encodeURIComponent(name)}`;

function redirect(response: Response, to: string): void {
  response.set('Cache-Control', NO_CACHE).redirect(302, to);
}

async function toRepository(
  { directory, subjectOf, title }: ShortLinkOptions,
  owner: string,
  rest: string,
  request: Request,
  response: Response,
): Promise<void> {
  const [, name = rest, tag] = /^([^:]+?)\/?(?::([^:]*))?$/.exec(rest) ?? [];
  const subject = await subjectOf(request);
  const found = await directory.repository(owner, name);
  if (found && !found.namespace.disabled) {
    const there = await directory.repositoryFacts(subject.caller, found);
    if (may(subject, { on: 'repository', to: 'read', there }, directory.policy)) {
      const path = [owner, ...name.split('/')].map(encodeURIComponent).join('/');
      redirect(response, `/repository/${path}?tab=tags${tag === undefined ? '' : `&tag=${encodeURIComponent(tag)}`}`);
      return;
    }
  }
  const namespace = await directory.namespace(owner);
  if (!namespace) sendPage(response, 404, title, noNamespace(owner));
  // Only who belongs there learns that there is no such repository.
  else if (!found && (await belongs(directory, subject, namespace)))
    sendPage(response, 404, title, noRepository(owner, name));
  else sendPage(response, 403, title, FORBIDDEN);
}

async function belongs(
  directory: ShortLinkOptions['directory'],
  subject: Subject,
  namespace: NamespaceDocument,
): Promise<boolean> {
  const there = await directory.namespaceFacts(subject.caller, namespace);
  return may(subject, { on: 'namespace', to: 'see-members', there }, directory.policy);
}

const noNamespace = (name: string): Page => ({
  heading: 'Not found',
  text: `There is no user or organization ${name}.`,
});
const noRepository = (owner: string, name: string): Page => ({
  heading: 'Not found',
  text: `There is no repository ${owner}/${name}.`,
});
const FORBIDDEN: Page = {
  heading: 'No access',
  text: 'You may not see this, or it does not exist. Sign in with an account that may.',
};
