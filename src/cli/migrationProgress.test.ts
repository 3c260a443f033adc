import { describe, expect, it } from '@jest/globals';
import { migrationProgress } from './migrationProgress.js';

function watched(json: boolean) {
  let now = 0;
  const written: string[] = [];
  const screen = { isTTY: true, columns: 200, write: (text: string) => written.push(text) };
  const progress = migrationProgress(json, screen, () => now);
  return { progress, written, pass: (milliseconds: number) => (now += milliseconds) };
}

describe('the progress of a migration', () => {
  it('is told to programs in a line for each phase, each second and each end', () => {
    const { progress, written, pass } = watched(true);
    progress.watch('keys', 3, undefined);
    progress.watch('contents', 0, 100);
    pass(500);
    progress.watch('contents', 10, 100);
    pass(500);
    progress.watch('contents', 20, 100);
    progress.watch('contents', 100, 100);
    progress.finish();
    expect(written.map((line) => JSON.parse(line) as unknown)).toEqual([
      { phase: 'keys', done: 3, total: null },
      { phase: 'contents', done: 0, total: 100 },
      { phase: 'contents', done: 20, total: 100 },
      { phase: 'contents', done: 100, total: 100 },
    ]);
    expect(written.every((line) => line.endsWith('\n'))).toBe(true);
  });

  it('is shown to people in a bar for each phase, in the unit that it counts', () => {
    const { progress, written } = watched(false);
    progress.watch('contents', 0, 2048);
    progress.watch('contents', 2048, 2048);
    progress.watch('events', 5, undefined);
    progress.finish();
    const shown = written.join('');
    expect(shown.split('\n')).toHaveLength(3);
    expect(shown).toMatch(/contents {2}\[#+\] 100% {2}2\.0 KiB of 2\.0 KiB.*\n.*events {2}5/s);
  });
});
