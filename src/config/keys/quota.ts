import { accepted, section, used } from '../key.js';
import { count, flag, positive } from '../types/scalars.js';

export const quota = section('Quota', {
  FEATURE_QUOTA_MANAGEMENT: accepted(flag, false, 'storage is counted and limited'),
  FEATURE_EDIT_QUOTA: accepted(flag, true, 'superusers and administrators of organizations may change limits'),
  FEATURE_VERIFY_QUOTA: accepted(flag, true, 'limits are enforced on push'),
  FEATURE_QUOTA_SUPPRESS_FAILURES: accepted(flag, false, 'failing accounts let pushes pass'),
  FEATURE_QUOTA_NOTIFICATIONS: accepted(flag, false, 'notifications of namespaces'),
  QUOTA_NOTIFICATION_COOLDOWN_SECONDS: accepted(count, 86_400, 'least time between two of them (s)'),
  DEFAULT_SYSTEM_REJECT_QUOTA_BYTES: accepted(count, 0, 'limit of namespaces without one (bytes); 0: none'),
  QUOTA_BACKFILL: accepted(flag, true, 'counts what was there before'),
  QUOTA_TOTAL_DELAY_SECONDS: accepted(count, 1800, 'delay of that (s)'),
  QUOTA_BACKFILL_POLL_PERIOD: accepted(positive, 15, 'how often work is looked for (s)'),
  QUOTA_BACKFILL_BATCH_SIZE: accepted(positive, 100, 'namespaces of one run'),
  QUOTA_INVALIDATE_TOTALS: accepted(flag, true, 'totals are stale while the feature is off'),
  QUOTA_REGISTRY_SIZE_POLL_PERIOD: used(positive, 60, 'how often the size of the registry is asked for (s)'),
  QUOTA_NOTIFICATION_WORKER_POLL_PERIOD: accepted(positive, 300, 'how often notifications are looked for (s)'),
});
