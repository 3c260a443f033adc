import type { ContentsReport } from '../commands/verifyContents.js';
import type { Output } from './output.js';
import { bytesText } from './quantities.js';

const DAMAGED =
  'What is damaged counts as not there: push an image that has it again, with `skopeo copy`, or with any client under a ' +
  'new tag or into another repository (many send nothing where the manifest is there). Or put its bytes back from a ' +
  'backup and call this again.';
const UNREADABLE =
  'What could not be read counts as there: look at the storage. A file that stays unreadable is to be removed, and this ' +
  'called again.';
const BROKEN_OFF =
  'The storage does not answer, so this ended before all was read: what is above was found until then. Call this again ' +
  'once it answers.';

/** Answers what a verification of contents found. @returns the code to end with: 0 if all is read and whole */
export function showContentsReport(report: ContentsReport, output: Output, json: boolean): 0 | 1 {
  const { findings, brokenOff, ...counts } = report;
  if (json) output.fields(report);
  else output.fields({ ...counts, bytes: bytesText(counts.bytes) });
  if (findings.length > 0 && !json) {
    output.table(
      [
        { title: 'digest', text: ({ digest }) => digest },
        { title: 'reason', text: ({ reason, detail }) => (detail === null ? reason : `${reason}: ${detail}`) },
      ],
      [...findings],
    );
  }
  if (report.damaged > 0) output.note(DAMAGED);
  if (brokenOff !== null) output.note(`${BROKEN_OFF} It said: ${brokenOff}`);
  else if (report.unreadable > 0) output.note(UNREADABLE);
  return findings.length > 0 || brokenOff !== null ? 1 : 0;
}
