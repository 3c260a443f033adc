import { label, repository, tag } from './preparations.js';
import { ANYONE, ORG_ADMIN, REPO_ADMIN, REPO_READ, REPO_WRITE } from './rules.js';
import { del, get, post, put, type Row } from './table.js';

const APP = '/repository/acme/app';
const MANIFEST = `${APP}/manifest/{digest}`;

/** contract: repositories.md §1 to §5 */
export const repositories: readonly Row[] = [
  post('createRepo', '/repository', ORG_ADMIN, 201, {
    body: { namespace: 'acme', repository: 'made-by-{who}', visibility: 'private', description: '' },
    // Said of a namespace that is given, too.
    except: { anonymous: 400 },
  }),
  get('listRepos', '/repository?public=true', ANYONE, 200),
  get('getRepo', APP, REPO_READ, 200),
  put('updateRepo', APP, REPO_WRITE, 200, { body: { description: 'An app.' } }),
  del('deleteRepository', '/repository/acme/{repository}', REPO_ADMIN, 204, { prepare: { repository } }),
  post('changeRepoVisibility', `${APP}/changevisibility`, REPO_ADMIN, 200, { body: { visibility: 'private' } }),
  put('changeRepoState', `${APP}/changestate`, REPO_ADMIN, 200, { body: { state: 'NORMAL' } }),

  get('listRepoTags', `${APP}/tag/`, REPO_READ, 200),
  put('changeTag', `${APP}/tag/v1`, REPO_WRITE, 201, { body: {} }),
  del('deleteFullTag', `${APP}/tag/{tag}`, REPO_WRITE, 204, { prepare: { tag } }),
  post('restoreTag', `${APP}/tag/{tag}/restore`, REPO_WRITE, 200, {
    prepare: { tag },
    body: { manifest_digest: '{digest}' },
  }),
  post('removeTagFromTimemachine', `${APP}/tag/{tag}/expire`, REPO_WRITE, 200, {
    prepare: { tag },
    body: { is_alive: true },
  }),

  get('getRepoManifest', MANIFEST, REPO_READ, 200),
  get('listManifestLabels', `${MANIFEST}/labels`, REPO_READ, 200),
  post('addManifestLabel', `${MANIFEST}/labels`, REPO_WRITE, 201, {
    body: { key: 'added-by', value: '{who}', media_type: null },
  }),
  get('getManifestLabel', `${MANIFEST}/labels/{label}`, REPO_READ, 200),
  del('deleteManifestLabel', `${MANIFEST}/labels/{label}`, REPO_WRITE, 204, { prepare: { label } }),
];
