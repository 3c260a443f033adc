import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { durationText } from './durationText.js';
import { AppendRecorder, CacheRecorder, RouteRecorder } from './recorders.js';
import { StatusCounts } from './statusCounts.js';

/** How far a read model trails the log. */
export type ProjectionLag = {
  readonly lagSeconds: number;
  /** The log's end less the checkpoint, in positions. */
  readonly positionGap: number;
};

export type Metrics = {
  /** The recorder of a route; ask once, when the route is made. The same names give the same recorder. */
  route(name: string, method: string): RouteRecorder;
  /** Manifests that clients asked for, by tag and by digest. */
  readonly pulls: { readonly tag: StatusCounts; readonly manifest: StatusCounts };
  cache(name: string): CacheRecorder;
  readonly appends: AppendRecorder;
  /** Shows how far a projection trails; `read` is asked at each scrape. */
  projection(name: string, read: () => ProjectionLag): void;
  /** Shows a number that goes up and down; `read` is asked at each scrape. */
  gauge(name: string, help: string, read: () => number): void;
  /** Everything in the text format of Prometheus. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
};

type Sample<Label extends string> = readonly [labels: Readonly<Record<Label, string>>, value: number];

/** What the metrics of one process are made of. */
class ProcessMetrics implements Metrics {
  readonly appends = new AppendRecorder();
  readonly pulls = { tag: new StatusCounts(), manifest: new StatusCounts() };
  private readonly registry = new Registry();
  private readonly routes = new Map<string, { route: string; method: string; recorder: RouteRecorder }>();
  private readonly caches = new Map<string, CacheRecorder>();
  private readonly projections = new Map<string, () => ProjectionLag>();

  constructor(private readonly namespace: string) {
    collectDefaultMetrics({ register: this.registry });
    this.showRequests();
    this.showCaches();
    this.showEvents();
  }

  route(route: string, method: string): RouteRecorder {
    const key = `${method} ${route}`;
    const known = this.routes.get(key)?.recorder;
    if (known !== undefined) return known;
    const recorder = new RouteRecorder();
    this.routes.set(key, { route, method, recorder });
    return recorder;
  }

  cache(name: string): CacheRecorder {
    const recorder = this.caches.get(name) ?? new CacheRecorder();
    this.caches.set(name, recorder);
    return recorder;
  }

  projection(name: string, read: () => ProjectionLag): void {
    this.projections.set(name, read);
  }

  gauge(name: string, help: string, read: () => number): void {
    this.show(Gauge, name, help, [], () => [[{}, read()]]);
  }

  async text(): Promise<{ contentType: string; body: string }> {
    const parts = [await this.registry.metrics(), ...this.histograms()];
    return { contentType: this.registry.contentType, body: parts.join('\n') };
  }

  private histograms(): readonly string[] {
    const requests = this.usedRoutes().map(({ labels, recorder }) => ({ labels, durations: recorder.durations }));
    const appends = [{ labels: {}, durations: this.appends.durations }];
    return [
      durationText(`${this.namespace}_http_request_duration_seconds`, 'time to answer by route and method', requests),
      durationText(`${this.namespace}_event_append_duration_seconds`, 'time until an append was durable', appends),
    ];
  }

  /** Registers a metric whose samples are read at each scrape. */
  private show<Label extends string>(
    Kind: typeof Counter | typeof Gauge,
    name: string,
    help: string,
    labelNames: readonly Label[],
    samples: () => readonly Sample<Label>[],
  ): void {
    const metric: Counter<Label> | Gauge<Label> = new Kind({
      name: `${this.namespace}_${name}`,
      help,
      labelNames,
      registers: [this.registry],
      collect: () => {
        metric.reset();
        for (const [labels, value] of samples()) metric.inc(labels, value);
      },
    });
  }

  /** Routes that somebody used, so that hundreds of unused ones do not fill the page. */
  private usedRoutes(): readonly { labels: { route: string; method: string }; recorder: RouteRecorder }[] {
    return [...this.routes.values()]
      .filter(({ recorder }) => recorder.durations.count > 0)
      .map(({ route, method, recorder }) => ({ labels: { route, method }, recorder }));
  }

  private showRequests(): void {
    this.show(
      Counter,
      'http_requests_total',
      'requests by route, method and status',
      ['route', 'method', 'status'],
      () => this.usedRoutes().flatMap(({ labels, recorder }) => withStatus(labels, recorder.statuses)),
    );
    this.show(Counter, 'http_response_bytes_total', 'bytes sent in answers', ['route', 'method'], () =>
      this.usedRoutes().map(({ labels, recorder }) => [labels, recorder.bytesOut]),
    );
    this.show(Counter, 'http_request_bytes_total', 'bytes received in requests', ['route', 'method'], () =>
      this.usedRoutes().map(({ labels, recorder }) => [labels, recorder.bytesIn]),
    );
    const pulls = 'registry_image_pulls_total';
    this.show(Counter, pulls, 'manifests that clients asked for', ['protocol', 'ref', 'status'], () => [
      ...withStatus({ protocol: 'v2', ref: 'tag' }, this.pulls.tag),
      ...withStatus({ protocol: 'v2', ref: 'manifest' }, this.pulls.manifest),
    ]);
  }

  private showCaches(): void {
    this.show(Counter, 'cache_hits_total', 'look-ups that a cache answered', ['cache'], () =>
      [...this.caches].map(([cache, { hits }]) => [{ cache }, hits]),
    );
    this.show(Counter, 'cache_misses_total', 'look-ups that a cache could not answer', ['cache'], () =>
      [...this.caches].map(([cache, { misses }]) => [{ cache }, misses]),
    );
  }

  private showEvents(): void {
    this.show(Counter, 'events_appended_total', 'events appended to the log', [], () => [[{}, this.appends.events]]);
    this.show(Counter, 'event_append_conflicts_total', 'appends that lost against another one', [], () => [
      [{}, this.appends.conflicts],
    ]);
    const lags = (): readonly (readonly [string, ProjectionLag])[] =>
      [...this.projections].map(([name, read]) => [name, read()] as const);
    this.show(Gauge, 'projection_lag_seconds', 'how far a read model trails the log', ['projection'], () =>
      lags().map(([projection, { lagSeconds }]) => [{ projection }, lagSeconds]),
    );
    this.show(Gauge, 'projection_position_gap', 'positions between the log and a read model', ['projection'], () =>
      lags().map(([projection, { positionGap }]) => [{ projection }, positionGap]),
    );
  }
}

function withStatus<Label extends string>(
  labels: Readonly<Record<Label, string>>,
  statuses: StatusCounts,
): readonly Sample<Label | 'status'>[] {
  const samples: Sample<Label | 'status'>[] = [];
  statuses.forEach((status, times) => samples.push([{ ...labels, status: status.toString() }, times]));
  return samples;
}

/**
 * The metrics of this process, and of Node.js (`process_…`, `nodejs_…`, the delay of the event loop among them).
 *
 * @param namespace what names begin with, followed by `_`
 */
export const createMetrics = (namespace = 'quay'): Metrics => new ProcessMetrics(namespace);
