import { section, used } from '../key.js';
import { duration, size } from '../types/quantities.js';
import { choice, positive, port, secret } from '../types/scalars.js';
import { filledText, masterKey } from '../types/texts.js';

/** What Quay has no key for. */
export const tidemark = section('Tidemark', {
  DATA_PATH: used(filledText, './data', 'folder of the embedded stores, relative to where the server is started'),
  HTTP_PORT: used(port, 8080, 'port to listen on; 0: any free one'),
  HTTP_HOST: used(filledText, '0.0.0.0', 'address to listen on'),
  STOP_NOTICE: used(
    duration,
    '0s',
    'how long requests are still taken after SIGTERM, while `/health/ready` says no: what a balancer needs to notice',
  ),
  LOG_LEVEL: used(
    choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'info',
    'least severity of what is logged',
  ),
  MASTER_KEY: used(
    secret(masterKey),
    undefined,
    'wraps all other keys; absent: made at the first start, below `DATA_PATH`',
  ),
  MASTER_KEY_FILE: used(filledText, undefined, 'file that holds it instead, for mounted secrets'),
  PROJECTION_LAG_LIMIT_MS: used(positive, 2000, 'read models further behind refuse writes with 503 (ms)'),
  CHECKPOINT_INTERVAL: used(duration, '10m', 'how often the head of the log is signed, if it moved'),
  MANIFEST_SIZE_LIMIT: used(size('KMG', { max: '64M' }), '4M', 'largest manifest'),
  STORAGE_REDIRECT_LARGER_THAN: used(
    size('BKMG'),
    '64K',
    'blobs up to here are served by the registry though clients are sent to an object store for others',
  ),
  UPLOADS_IN_FLIGHT_LIMIT: used(
    positive,
    1000,
    'unfinished uploads of one account or robot; more are answered with 429',
  ),
});
