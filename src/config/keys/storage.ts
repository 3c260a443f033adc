import { accepted, section, used } from '../key.js';
import { list } from '../types/collections.js';
import { flag, positive, text } from '../types/scalars.js';
import { storageLocations } from '../types/storage.js';

export const storage = section('Storage', {
  DISTRIBUTED_STORAGE_CONFIG: used(
    storageLocations,
    { default: ['LocalStorage', { storage_path: './data/blobs' }] },
    'places for bytes, each with its driver; see [Where blobs lie](#where-blobs-lie)',
  ),
  DISTRIBUTED_STORAGE_PREFERENCE: used(list(text), [], 'their ids in order of use; writes go to the first'),
  DISTRIBUTED_STORAGE_DEFAULT_LOCATIONS: accepted(list(text), [], 'places that everything is replicated to'),
  FEATURE_STORAGE_REPLICATION: accepted(flag, false, 'content is replicated'),
  STORAGE_REPLICATION_PROCESSING_SECONDS: accepted(positive, 1200, 'reservation of one replication (s)'),
  FEATURE_PROXY_STORAGE: used(
    flag,
    false,
    'blobs are streamed through the server; off: clients are sent to an object store ([Where blobs lie](#where-blobs-lie))',
  ),
  DISTRIBUTED_STORAGE_VALIDATE_ENDTOEND: accepted(flag, false, 'health tries every location by itself'),
  DISTRIBUTED_STORAGE_REQUIRES_ALL_AVAILABLE: accepted(flag, false, 'only the preferred location decides health'),
  USERFILES_LOCATION: accepted(text, undefined, 'storage of uploaded files; absent: the first one'),
  USERFILES_PATH: accepted(text, 'userfiles/', 'where they lie there'),
  CDN_SPECIFIC_NAMESPACES: accepted(list(text), [], 'namespaces that get the address of the content network always'),
});
