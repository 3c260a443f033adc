import { describe, expect, it } from '@jest/globals';
import { createProgress, type Progress, type ProgressOptions } from './progress.js';

const open = (options: Partial<ProgressOptions> = {}, isTTY = true) => {
  const written: string[] = [];
  let now = 0;
  const screen = { isTTY, columns: 100, write: (text: string) => written.push(text) };
  const progress: Progress = createProgress({ label: 'replay', screen, clock: () => now, ...options });
  return { progress, written, wait: (milliseconds: number) => (now += milliseconds) };
};

describe('a progress bar', () => {
  it('shows share, rate and what is left', () => {
    const { progress, written, wait } = open({ total: 4000 });
    wait(1000);
    progress.update(1000);
    expect(written).toEqual(['\rreplay  [######------------------] 25%  1,000 of 4,000  1,000/s  3s left\u001b[K']);
  });

  it('shows an amount where the end is not known, and bytes as bytes', () => {
    const { progress, written, wait } = open({ unit: 'bytes' });
    wait(2000);
    progress.update(3 * 1024 * 1024);
    expect(written).toEqual(['\rreplay  3.0 MiB  1.5 MiB/s\u001b[K']);
  });

  it('shows nothing but the share where numbers would tell nothing', () => {
    const { progress, written, wait } = open({ unit: 'share' });
    wait(1000);
    progress.update(5000, 20_000);
    expect(written).toEqual(['\rreplay  [######------------------] 25%  3s left\u001b[K']);
  });

  it('is drawn ten times a second at most, and once more at the end', () => {
    const { progress, written, wait } = open({ total: 1000 });
    for (let done = 1; done <= 1000; done += 1) {
      wait(1);
      progress.update(done);
    }
    expect(written).toHaveLength(10);
    progress.finish();
    progress.finish();
    progress.update(5);
    expect(written).toHaveLength(12);
    expect(written.at(-2)).toContain('100%');
    expect(written.at(-1)).toBe('\n');
  });

  it('never wraps', () => {
    const { progress, written } = open({ label: 'x'.repeat(300) });
    progress.update(1);
    expect(written[0]).toHaveLength(1 + 99 + 3);
  });

  it.each([
    ['where there is no terminal', {}, false],
    ['with --json', { json: true }, true],
  ])('is not drawn %s', (_, options, isTTY) => {
    const { progress, written } = open(options, isTTY);
    progress.update(1);
    progress.finish();
    expect(written).toEqual([]);
  });
});
