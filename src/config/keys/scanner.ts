import { accepted, section } from '../key.js';
import { size } from '../types/quantities.js';
import { choice, count, flag, positive, secret, text } from '../types/scalars.js';
import { webUrl } from '../types/texts.js';

const SEVERITIES = ['Unknown', 'Negligible', 'Low', 'Medium', 'High', 'Critical'] as const;

export const scanner = section('Security scanner', {
  FEATURE_SECURITY_SCANNER: accepted(flag, false, 'images are scanned; needs the endpoint'),
  SECURITY_SCANNER_V4_ENDPOINT: accepted(webUrl, undefined, 'address of Clair'),
  SECURITY_SCANNER_V4_PSK: accepted(secret(text), undefined, 'key shared with it, in base64'),
  SECURITY_SCANNER_INDEXING_INTERVAL: accepted(positive, 30, 'how often work is looked for (s)'),
  SECURITY_SCANNER_V4_REINDEX_THRESHOLD: accepted(count, 300, 'least age before a repetition (s)'),
  SECURITY_SCANNER_V4_INDEX_MAX_LAYER_SIZE: accepted(size(), undefined, 'largest layer that is scanned'),
  SECURITY_SCANNER_V4_MANIFEST_CLEANUP: accepted(flag, true, 'reports are deleted with their manifests'),
  SECURITY_SCANNER_V4_BATCH_SIZE: accepted(count, 0, 'manifests of one run; 0: chosen by load'),
  SECURITY_SCANNER_V4_RECENT_MANIFEST_BATCH_SIZE: accepted(positive, 1000, 'recent manifests of one run'),
  SECURITY_SCANNER_V4_INDEXING: accepted(flag, true, 'the classic indexer runs'),
  SECURITY_SCANNER_V4_LOCK: accepted(flag, false, 'one instance at a time'),
  SECURITY_SCANNER_V4_RECENT_MANIFEST_BATCH_LOCK: accepted(flag, false, 'one instance at a time for recent manifests'),
  SECURITY_SCANNER_MAX_SCAN_RETRIES: accepted(count, 5, 'repetitions of a failed scan'),
  FEATURE_SECURITY_SCANNER_V2: accepted(flag, false, 'the batch indexer runs'),
  SECURITY_SCANNER_V2_BATCH_SIZE: accepted(positive, 50, 'manifests of one batch'),
  SECURITY_SCANNER_V2_INDEXING_INTERVAL: accepted(positive, 30, 'how often it looks for work (s)'),
  FEATURE_SECURITY_NOTIFICATIONS: accepted(flag, false, 'notifications about new vulnerabilities'),
  FEATURE_SECURITY_SCANNER_NOTIFY_ON_NEW_INDEX: accepted(flag, true, 'and after the first scan'),
  NOTIFICATION_MIN_SEVERITY_ON_NEW_INDEX: accepted(choice(...SEVERITIES), 'High', 'least severity of the latter'),
});
