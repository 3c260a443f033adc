import { accepted, section, used } from '../key.js';
import { list } from '../types/collections.js';
import { duration } from '../types/quantities.js';
import { count, flag, positive, text } from '../types/scalars.js';
import { autoPrunePolicy } from '../types/autoPrunePolicy.js';

export const timeMachine = section('Time machine and collection', {
  DEFAULT_TAG_EXPIRATION: used(duration, '2w', 'time-machine window of new namespaces; one of the options'),
  TAG_EXPIRATION_OPTIONS: used(list(duration, 1), ['0s', '1d', '1w', '2w', '4w'], 'windows that can be chosen'),
  FEATURE_CHANGE_TAG_EXPIRATION: accepted(flag, true, 'users and organizations may choose their window'),
  PERMANENTLY_DELETE_TAGS: used(flag, false, 'API and UI may delete past the time machine'),
  RESET_CHILD_MANIFEST_EXPIRATION: used(flag, false, 'children of an index lose their temporary protection at once'),
  FEATURE_GARBAGE_COLLECTION: accepted(flag, true, 'content that nothing can reach any more is collected'),
  FEATURE_NAMESPACE_GARBAGE_COLLECTION: accepted(flag, true, 'deleted namespaces are collected'),
  FEATURE_REPOSITORY_GARBAGE_COLLECTION: accepted(flag, true, 'deleted repositories are collected'),
  GARBAGE_COLLECTION_FREQUENCY: accepted(positive, 30, 'how often (s)'),
  NAMESPACE_GC_GRACE_PERIOD_SECONDS: accepted(count, 0, 'delay before a deleted namespace is collected (s)'),
  NAMESPACE_GC_GRACE_PERIOD_ALLOWLIST: accepted(list(text), [], 'namespaces without that delay'),
  CLEAN_BLOB_UPLOAD_FOLDER: used(flag, true, 'uploads that were left are removed'),
  BLOBUPLOAD_DELETION_DATE_THRESHOLD: used(positive, 2880, 'age at which they are (min)'),
  BLOBUPLOAD_CLEANUP_FREQUENCY: used(positive, 3600, 'how often they are looked for (s)'),
  FEATURE_ENABLE_STALE_MPU_CLEANUP: used(flag, true, 'old multipart uploads of an object store are aborted'),
  QUEUE_CLEANUP_FREQUENCY: accepted(positive, 86_400, "how often Quay's queues are cleaned (s)"),
  FEATURE_IMAGE_EXPIRY_TRIGGER: accepted(flag, false, 'notifications before a tag expires'),
  NOTIFICATION_TASK_RUN_MINIMUM_INTERVAL_MINUTES: accepted(positive, 300, 'least time between two of them (min)'),
});

export const autoPrune = section('Auto-pruning', {
  FEATURE_AUTO_PRUNE: accepted(flag, false, 'policies that remove old tags'),
  DEFAULT_NAMESPACE_AUTOPRUNE_POLICY: accepted(autoPrunePolicy, undefined, 'policy of every namespace'),
  AUTO_PRUNING_POLL_PERIOD: accepted(positive, 30, 'how often work is looked for (s)'),
  AUTO_PRUNING_BATCH_SIZE: accepted(positive, 10, 'policies of one run'),
  AUTO_PRUNING_DEFAULT_POLICY_POLL_PERIOD: accepted(positive, 86_400, 'how often the default policy runs (s)'),
  AUTO_PRUNING_DEFAULT_POLICY_FETCH_NAMESPACES_LIMIT: accepted(positive, 50, 'namespaces of one such run'),
  AUTOPRUNE_TASK_RUN_MINIMUM_INTERVAL_MINUTES: accepted(count, 60, 'least time between two runs of a namespace (min)'),
  AUTOPRUNE_FETCH_TAGS_PAGE_LIMIT: accepted(positive, 100, 'tags of a page'),
  AUTOPRUNE_FETCH_REPOSITORIES_PAGE_LIMIT: accepted(positive, 50, 'repositories of a page'),
  AUTOPRUNE_DEFAULT_POLICY_TIMEOUT: accepted(positive, 3600, 'timeout of the default policy (s)'),
});
