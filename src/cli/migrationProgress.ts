import type { Phase, Watch } from '../commands/migration/side.js';
import { createProgress, type Progress, type Screen } from './progress.js';

const labels: Readonly<Record<Phase, string>> = {
  comparing: 'comparing what is there',
  keys: 'keys',
  contents: 'contents',
  records: 'records',
  events: 'events',
  verifying: 'verifying',
};

/** Programs are told once in a while, in milliseconds. */
const BETWEEN_MS = 1_000;

export type MigrationProgress = {
  readonly watch: Watch;
  /** To be called at the end, also of work that failed. */
  finish(): void;
};

/** A bar for each phase; with `--json` a line for each, and for each second that it takes, on the standard error. */
export function migrationProgress(
  json: boolean,
  screen: Screen = process.stderr,
  clock: () => number = () => performance.now(),
): MigrationProgress {
  return json ? lines(screen, clock) : bars(screen);
}

function bars(screen: Screen): MigrationProgress {
  let present: { readonly phase: Phase; readonly progress: Progress } | undefined;
  return {
    watch(phase, done, total) {
      if (present?.phase !== phase) {
        present?.progress.finish();
        const unit = phase === 'contents' ? 'bytes' : 'count';
        present = { phase, progress: createProgress({ label: labels[phase], unit, screen }) };
      }
      present.progress.update(done, total);
    },
    finish() {
      present?.progress.finish();
    },
  };
}

function lines(screen: Screen, clock: () => number): MigrationProgress {
  let told: { readonly phase: Phase; readonly at: number } | undefined;
  return {
    watch(phase, done, total) {
      const now = clock();
      if (told?.phase === phase && now - told.at < BETWEEN_MS && done !== total) return;
      told = { phase, at: now };
      screen.write(`${JSON.stringify({ phase, done, total: total ?? null })}\n`);
    },
    finish: () => undefined,
  };
}
