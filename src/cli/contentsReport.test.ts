import { hash } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { ContentsReport } from '../commands/verifyContents.js';
import { digestOf } from '../domain/shared/digest.js';
import { showContentsReport } from './contentsReport.js';
import { createOutput } from './output.js';

const digest = digestOf('sha256', hash('sha256', 'a layer'));
const whole: ContentsReport = {
  ...{ contents: 3, bytes: 2_048, damaged: 0, mended: 0, unreadable: 0 },
  ...{ findings: [], brokenOff: null },
};
const brokenOff: ContentsReport = {
  ...{ contents: 9, bytes: 2_048, damaged: 1, mended: 0, unreadable: 8 },
  findings: [
    { digest, reason: 'altered', detail: null },
    { digest, reason: 'unreadable', detail: '403 Forbidden' },
  ],
  brokenOff: '403 Forbidden',
};

function shown(report: ContentsReport, json = false): { code: number; answer: string; notes: string } {
  let [answer, notes] = ['', ''];
  const output = createOutput({ json, write: (text) => (answer += text), writeNote: (text) => (notes += text) });
  return { code: showContentsReport(report, output, json), answer, notes };
}

it('ends with 0 where all was read and is whole', () => {
  const { code, answer, notes } = shown(whole);
  expect([code, notes]).toEqual([0, '']);
  expect(answer).toMatch(/^contents +3$/m);
  expect(answer).not.toContain('brokenOff');
});

it('shows what was found before the storage was given up, says why it ended, and ends with 1', () => {
  const { code, answer, notes } = shown(brokenOff);
  expect(code).toBe(1);
  expect(answer).toContain(`${digest}  altered\n`);
  expect(answer).toContain(`${digest}  unreadable: 403 Forbidden\n`);
  expect(notes).toMatch(/The storage does not answer.*It said: 403 Forbidden\n$/);
  // That would have the administrator remove files for the fault of their storage.
  expect(notes).not.toContain('to be removed');
});

it('names a push that sends what is damaged: many clients send nothing where the manifest is there', () => {
  const { notes } = shown({ ...whole, damaged: 1, findings: [{ digest, reason: 'missing', detail: null }] });
  expect(notes).toMatch(
    /push .* with `skopeo copy`, or .* under a new tag .* Or put its bytes back .* call this again\.\n$/,
  );
});

it('gives programs all of it in one line', () => {
  const { code, answer, notes } = shown(brokenOff, true);
  expect([code, JSON.parse(answer), notes]).toEqual([1, brokenOff, '']);
});
