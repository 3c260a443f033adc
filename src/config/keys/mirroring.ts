import { accepted, section, used } from '../key.js';
import { flag, positive } from '../types/scalars.js';
import { hostAndPort } from '../types/texts.js';

export const mirroring = section('Mirroring and proxy cache', {
  FEATURE_REPO_MIRROR: used(flag, false, 'repositories may mirror others'),
  REPO_MIRROR_INTERVAL: accepted(positive, 30, 'how often work is looked for (s)'),
  REPO_MIRROR_TLS_VERIFY: accepted(flag, true, 'verifies the own registry'),
  REPO_MIRROR_SERVER_HOSTNAME: accepted(hostAndPort, undefined, 'internal host of the own registry'),
  REPO_MIRROR_ROLLBACK: accepted(flag, false, 'undoes all tags when one fails'),
  REPO_MIRROR_MAX_MANIFEST_LIST_SIZE: accepted(positive, 10_485_760, 'largest index (bytes)'),
  REPO_MIRROR_MAX_MANIFEST_ENTRIES: accepted(positive, 1000, 'most entries of an index'),
  REPO_MIRROR_TAG_ROLLBACK_PAGE_SIZE: accepted(positive, 100, 'tags of a page when undoing'),
  REPO_MIRROR_WORKER_REPLICAS: accepted(positive, undefined, 'expected workers; fewer are shown as degraded'),
  FEATURE_ORG_MIRROR: accepted(flag, false, 'organizations may mirror others'),
  ORG_MIRROR_INTERVAL: accepted(positive, 30, 'how often work is looked for (s)'),
  ORG_MIRROR_MAX_DISCOVERY_DURATION: accepted(positive, 1800, 'longest discovery (s)'),
  FEATURE_PROXY_CACHE: accepted(flag, false, 'organizations may be caches of other registries'),
  FEATURE_PROXY_CACHE_BLOB_DOWNLOAD: accepted(flag, true, 'layers are fetched in the background'),
});
