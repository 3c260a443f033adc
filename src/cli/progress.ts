import { bytesText, countText, secondsText } from './quantities.js';

/** What is written to: the standard error, or a stand-in. */
export type Screen = {
  readonly isTTY?: boolean;
  /** Width in characters. */
  readonly columns?: number;
  write(text: string): unknown;
};

export type Progress = {
  /** Tells how much is done; drawn at most ten times a second. `total` may become known, or change, on the way. */
  update(done: number, total?: number): void;
  /** Shows the last state and ends the line. Call it also when the work fails. */
  finish(): void;
};

export type ProgressOptions = {
  readonly label: string;
  readonly total?: number;
  /** What is counted; by default things. `share`: only how large a part is done tells something. */
  readonly unit?: 'bytes' | 'count' | 'share';
  /** With `--json` nothing is drawn. */
  readonly json?: boolean;
  readonly screen?: Screen;
  /** Milliseconds of a clock that never runs backwards. */
  readonly clock?: () => number;
};

const BAR = 24;
const BETWEEN_MS = 100;
const CLEAR_REST = '\u001b[K';

const silent: Progress = { update: () => undefined, finish: () => undefined };

function bar(done: number, total: number): string {
  const filled = Math.min(BAR, Math.floor((done / total) * BAR));
  return `[${'#'.repeat(filled)}${'-'.repeat(BAR - filled)}] ${Math.min(100, Math.floor((done / total) * 100))}%`;
}

/** What is known about the work at one moment. */
type State = { readonly done: number; readonly total: number | undefined; readonly seconds: number };

function line({ label, unit = 'count' }: ProgressOptions, { done, total, seconds }: State): string {
  const amount = unit === 'bytes' ? bytesText : countText;
  const rate = seconds > 0 ? done / seconds : 0;
  const counted = unit !== 'share';
  const parts = [label];
  if (total !== undefined && total > 0) {
    parts.push(bar(done, total), ...(counted ? [`${amount(done)} of ${amount(total)}`] : []));
  } else if (counted) parts.push(amount(done));
  if (counted && rate > 0) parts.push(`${amount(rate)}/s`);
  if (rate > 0 && total !== undefined && total > done) parts.push(`${secondsText((total - done) / rate)} left`);
  return parts.join('  ');
}

class DrawnProgress implements Progress {
  private readonly start: number;
  private done = 0;
  private total: number | undefined;
  private drawnAt = -Infinity;
  private isFinished = false;

  constructor(
    private readonly options: ProgressOptions,
    private readonly screen: Screen,
    private readonly clock: () => number,
  ) {
    this.start = clock();
    this.total = options.total;
  }

  update(done: number, total = this.total): void {
    if (this.isFinished) return;
    this.done = done;
    this.total = total;
    const now = this.clock();
    if (now - this.drawnAt >= BETWEEN_MS) this.draw(now);
  }

  finish(): void {
    if (this.isFinished) return;
    this.isFinished = true;
    this.draw(this.clock());
    this.screen.write('\n');
  }

  private draw(now: number): void {
    this.drawnAt = now;
    const text = line(this.options, { done: this.done, total: this.total, seconds: (now - this.start) / 1000 });
    // A line that wraps could not be drawn over.
    this.screen.write(`\r${text.slice(0, (this.screen.columns ?? 80) - 1)}${CLEAR_REST}`);
  }
}

/**
 * A progress bar on the standard error. Where that is no terminal, or the answer is wanted as JSON, nothing is drawn.
 */
export function createProgress(options: ProgressOptions): Progress {
  const screen = options.screen ?? process.stderr;
  if (options.json === true || screen.isTTY !== true) return silent;
  return new DrawnProgress(options, screen, options.clock ?? (() => performance.now()));
}
