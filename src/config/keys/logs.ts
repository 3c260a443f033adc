import { accepted, section, used } from '../key.js';
import { list } from '../types/collections.js';
import { duration } from '../types/quantities.js';
import { choice, count, flag, positive, text } from '../types/scalars.js';
import { logsModelConfig } from './logsModel.js';

export const logs = section('Usage logs and audit', {
  AUDIT_PULLS_STRICT: used(flag, false, 'pulls are durable in the log before they are answered (not in Quay)'),
  ACTION_LOG_AUDIT_LOGINS: accepted(flag, true, 'successful logins are logged'),
  ACTION_LOG_AUDIT_LOGIN_FAILURES: accepted(flag, false, 'failed logins are logged'),
  ACTION_LOG_AUDIT_PULL_FAILURES: accepted(flag, false, 'refused pulls are logged'),
  ACTION_LOG_AUDIT_PUSH_FAILURES: accepted(flag, false, 'refused pushes are logged'),
  ACTION_LOG_AUDIT_DELETE_FAILURES: accepted(flag, false, 'refused deletions are logged'),
  FEATURE_ACTION_LOG_ROTATION: accepted(flag, false, 'old entries are archived'),
  ACTION_LOG_ROTATION_THRESHOLD: accepted(duration, '30d', 'age at which they are'),
  ACTION_LOG_ROTATION_FREQUENCY: accepted(positive, 43_200, 'how often they are looked for (s)'),
  MINIMUM_LOGS_AGE_FOR_ARCHIVE: accepted(duration, '7d', 'least age; a smaller threshold is refused'),
  ACTION_LOG_ARCHIVE_LOCATION: accepted(text, undefined, 'storage of the archive; absent: the first one'),
  ACTION_LOG_ARCHIVE_PATH: accepted(text, 'actionlogarchive/', 'where it lies there'),
  FEATURE_LOG_EXPORT: accepted(flag, true, 'logs can be exported'),
  EXPORT_ACTION_LOGS_STORAGE_PATH: accepted(text, 'exportedactionlogs', 'where exports lie in the storage'),
  EXPORT_ACTION_LOGS_SECONDS: accepted(positive, 3600, 'life of the link to one (s)'),
  EXPORT_ACTION_LOGS_MAXIMUM_SECONDS: accepted(positive, 7200, 'longest export (s)'),
  EXPORT_ACTION_LOGS_MAXIMUM_QUERY_TIME_SECONDS: accepted(positive, 30, 'longest query of one (s)'),
  EXPORT_ACTION_LOGS_WORKER_POLL_PERIOD: accepted(positive, 60, 'how often work is looked for (s)'),
  LOGS_MODEL: accepted(
    choice('database', 'transition_reads_both_writes_es', 'elasticsearch', 'splunk'),
    'database',
    'where Quay keeps logs; here they are a projection of the events',
  ),
  LOGS_MODEL_CONFIG: accepted(logsModelConfig, {}, 'how it gets there'),
  ALLOW_PULLS_WITHOUT_STRICT_LOGGING: accepted(
    flag,
    false,
    'with `AUDIT_PULLS_STRICT`, a pull whose record fails succeeds',
  ),
  ALLOW_WITHOUT_STRICT_LOGGING: accepted(flag, false, 'events are the log: there is nothing to relax'),
  DISABLED_FOR_AUDIT_LOGS: accepted(list(text), [], 'namespaces that are not logged'),
  DISABLED_FOR_PULL_LOGS: accepted(list(text), [], 'namespaces whose pulls are not logged'),
  FEATURE_DISABLE_PULL_LOGS_FOR_FREE_NAMESPACES: accepted(flag, false, 'hosted service'),
  FEATURE_USER_LOG_ACCESS: accepted(flag, false, 'users may read the log of their namespace: they always may'),
  FEATURE_AGGREGATED_LOG_COUNT_RETRIEVAL: accepted(flag, true, 'counts of log entries can be asked for'),
  FEATURE_EXTENDED_ACTION_LOGGING: accepted(flag, false, 'more about requests, for external sinks'),
  ACTION_LOG_MAX_PAGE: accepted(count, undefined, 'most pages of a log'),
  SERVICE_LOG_ACCOUNT_ID: accepted(count, undefined, 'owner of entries without a namespace'),
});
