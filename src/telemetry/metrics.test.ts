import { describe, expect, it } from '@jest/globals';
import { createMetrics, type Metrics } from './metrics.js';

const linesOf = async (metrics: Metrics, part: string): Promise<string[]> =>
  (await metrics.text()).body.split('\n').filter((line) => line.includes(part) && !line.startsWith('#'));

describe('metrics of requests', () => {
  it('count by route, method and status', async () => {
    const metrics = createMetrics();
    const recorder = metrics.route('manifest-get', 'GET');
    recorder.record(200, 0.00002, 1500);
    recorder.record(200, 0.00002, 500, 7);
    recorder.record(404, 0.00002);
    expect(await linesOf(metrics, 'http_requests_total')).toEqual([
      'quay_http_requests_total{route="manifest-get",method="GET",status="200"} 2',
      'quay_http_requests_total{route="manifest-get",method="GET",status="404"} 1',
    ]);
    expect(await linesOf(metrics, 'bytes_total{route')).toEqual([
      'quay_http_response_bytes_total{route="manifest-get",method="GET"} 2000',
      'quay_http_request_bytes_total{route="manifest-get",method="GET"} 7',
    ]);
  });

  it('give durations as a histogram', async () => {
    const metrics = createMetrics();
    const recorder = metrics.route('blob-put', 'PUT');
    for (const seconds of [0.00005, 0.0001, 0.3, 1000]) recorder.record(201, seconds);
    const lines = await linesOf(metrics, 'http_request_duration_seconds');
    const bucket = (le: string, count: number): string =>
      `quay_http_request_duration_seconds_bucket{route="blob-put",method="PUT",le="${le}"} ${count}`;
    expect(lines).toContain(bucket('0.00005', 1));
    expect(lines).toContain(bucket('0.0001', 2));
    expect(lines).toContain(bucket('0.25', 2));
    expect(lines).toContain(bucket('0.5', 3));
    expect(lines).toContain(bucket('300', 3));
    expect(lines).toContain(bucket('+Inf', 4));
    expect(lines).toContain('quay_http_request_duration_seconds_count{route="blob-put",method="PUT"} 4');
    expect(lines).toContain('quay_http_request_duration_seconds_sum{route="blob-put",method="PUT"} 1000.30015');
  });

  it('belong to one recorder for the same route and method, and leave out unused routes', async () => {
    const metrics = createMetrics();
    expect(metrics.route('tags', 'GET')).toBe(metrics.route('tags', 'GET'));
    expect(metrics.route('tags', 'GET')).not.toBe(metrics.route('tags', 'HEAD'));
    expect(await linesOf(metrics, 'route="tags"')).toEqual([]);
  });

  it('keep their number from one scrape to the next', async () => {
    const metrics = createMetrics();
    metrics.route('ping', 'GET').record(200, 0.001);
    await metrics.text();
    expect(await linesOf(metrics, 'http_requests_total')).toEqual([
      'quay_http_requests_total{route="ping",method="GET",status="200"} 1',
    ]);
  });

  it('ignore a status that does not exist', async () => {
    const metrics = createMetrics();
    metrics.route('odd', 'GET').record(0, 0.001);
    metrics.route('odd', 'GET').record(1000, 0.001);
    expect(await linesOf(metrics, 'http_requests_total')).toEqual([]);
  });

  it('escape what has a meaning in labels', async () => {
    const metrics = createMetrics();
    metrics.route('a"b\\c\nd', 'GET').record(200, 0.001);
    expect(await linesOf(metrics, 'duration_seconds_count{')).toEqual([
      'quay_http_request_duration_seconds_count{route="a\\"b\\\\c\\nd",method="GET"} 1',
    ]);
  });
});

describe('other metrics', () => {
  it('count pulls as Quay does', async () => {
    const metrics = createMetrics();
    metrics.pulls.tag.count(200);
    metrics.pulls.manifest.count(404);
    expect(await linesOf(metrics, 'image_pulls')).toEqual([
      'quay_registry_image_pulls_total{protocol="v2",ref="tag",status="200"} 1',
      'quay_registry_image_pulls_total{protocol="v2",ref="manifest",status="404"} 1',
    ]);
  });

  it('count look-ups in caches', async () => {
    const metrics = createMetrics();
    metrics.cache('manifests').hit();
    metrics.cache('manifests').hit();
    metrics.cache('manifests').miss();
    expect(await linesOf(metrics, 'quay_cache')).toEqual([
      'quay_cache_hits_total{cache="manifests"} 2',
      'quay_cache_misses_total{cache="manifests"} 1',
    ]);
  });

  it('count events, appends and conflicts', async () => {
    const metrics = createMetrics();
    metrics.appends.record(2, 0.003);
    metrics.appends.conflict();
    const lines = await linesOf(metrics, 'quay_event');
    expect(lines).toContain('quay_events_appended_total 2');
    expect(lines).toContain('quay_event_append_conflicts_total 1');
    expect(lines).toContain('quay_event_append_duration_seconds_count 1');
    expect(lines).toContain('quay_event_append_duration_seconds_bucket{le="0.005"} 1');
  });

  it('ask at each scrape how far a projection trails', async () => {
    const metrics = createMetrics('registry');
    let positionGap = 5;
    metrics.projection('tags', () => ({ lagSeconds: 0.25, positionGap }));
    positionGap = 6;
    expect(await linesOf(metrics, 'registry_projection')).toEqual([
      'registry_projection_lag_seconds{projection="tags"} 0.25',
      'registry_projection_position_gap{projection="tags"} 6',
    ]);
  });

  it('ask at each scrape for numbers that go up and down', async () => {
    const metrics = createMetrics();
    metrics.gauge('uploads', 'uploads in flight', () => 3);
    expect(await linesOf(metrics, 'quay_uploads')).toEqual(['quay_uploads 3']);
  });

  it('tell about the process and the delay of its event loop', async () => {
    const { body, contentType } = await createMetrics().text();
    expect(contentType).toContain('text/plain');
    expect(body).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(body).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  });

  it('describe each metric once', async () => {
    const { body } = await createMetrics().text();
    const names = body.split('\n').filter((line) => line.startsWith('# TYPE'));
    expect(new Set(names).size).toBe(names.length);
  });
});
