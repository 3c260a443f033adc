import { Durations } from './durations.js';
import { StatusCounts } from './statusCounts.js';

/** The requests of one route and method. */
export class RouteRecorder {
  readonly statuses = new StatusCounts();
  readonly durations = new Durations();
  private readonly bytes = new Float64Array(2);

  /**
   * Records one request when it was answered. Costs some ten nanoseconds and allocates nothing.
   *
   * @param status as answered, 100 to 599
   * @param seconds from the request's first byte to the answer's last one
   */
  record(status: number, seconds: number, bytesOut = 0, bytesIn = 0): void {
    this.statuses.count(status);
    this.durations.record(seconds);
    this.bytes[0] = (this.bytes[0] ?? 0) + bytesOut;
    this.bytes[1] = (this.bytes[1] ?? 0) + bytesIn;
  }

  get bytesOut(): number {
    return this.bytes[0] ?? 0;
  }

  get bytesIn(): number {
    return this.bytes[1] ?? 0;
  }
}

/** Look-ups in one cache. */
export class CacheRecorder {
  private readonly counts = new Float64Array(2);

  hit(): void {
    this.counts[0] = (this.counts[0] ?? 0) + 1;
  }

  miss(): void {
    this.counts[1] = (this.counts[1] ?? 0) + 1;
  }

  get hits(): number {
    return this.counts[0] ?? 0;
  }

  get misses(): number {
    return this.counts[1] ?? 0;
  }
}

/** Appends to the event log. */
export class AppendRecorder {
  readonly durations = new Durations();
  private readonly counts = new Float64Array(2);

  /** @param seconds until the append was durable */
  record(events: number, seconds: number): void {
    this.durations.record(seconds);
    this.counts[0] = (this.counts[0] ?? 0) + events;
  }

  /** An append that lost against another one and is decided anew. */
  conflict(): void {
    this.counts[1] = (this.counts[1] ?? 0) + 1;
  }

  get events(): number {
    return this.counts[0] ?? 0;
  }

  get conflicts(): number {
    return this.counts[1] ?? 0;
  }
}
