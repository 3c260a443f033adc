import type { V2Recorder } from '../http/v2/router.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { RouteRecorder } from '../telemetry/recorders.js';

/** Counts requests of `/v2` by route and method; the recorders are looked up once each. */
export function v2Recorder(metrics: Metrics): V2Recorder {
  const recorders = new Map<string, Map<string, RouteRecorder>>();
  return (route, exchange, seconds) => {
    const byMethod = recorders.get(route) ?? new Map<string, RouteRecorder>();
    if (byMethod.size === 0) recorders.set(route, byMethod);
    const { method, response, request } = exchange;
    let recorder = byMethod.get(method);
    if (!recorder) byMethod.set(method, (recorder = metrics.route(`v2-${route}`, known(method))));
    const bytesIn = Number(request.headers['content-length'] ?? 0);
    recorder.record(response.statusCode, seconds, exchange.bytesOut, bytesIn);
    if (route === 'manifest' && method === 'GET') {
      (exchange.path.includes(':') ? metrics.pulls.manifest : metrics.pulls.tag).count(response.statusCode);
    }
  };
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Whatever a client sends as a method must not become a label. */
const known = (method: string): string => (METHODS.has(method) ? method : 'other');
