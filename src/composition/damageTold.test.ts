import { expect, it } from '@jest/globals';
import { keyOf } from '../adapters/blobs/sampleContents.js';
import type { Damage } from '../commands/contentRecords.js';
import { createLog } from '../telemetry/log.js';
import { damageTold } from './damageTold.js';

const content = { ...keyOf(Buffer.from('a layer')), size: 7 };

/** The one line that the log has of it. */
function told(damage: Damage): unknown {
  const lines: string[] = [];
  damageTold(createLog({ level: 'info', human: false, destination: { write: (line) => void lines.push(line) } }))({
    ...content,
    damage,
  });
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '');
}

it('says what is damaged, under which name it lies, and which push mends it', () => {
  expect(told('missing')).toMatchObject({
    ...{ level: 'error', damage: 'missing', ...content },
    msg: expect.stringMatching(/^the bytes of a stored content are damaged, .*`skopeo copy`.* under a new tag/),
  });
});

it('asks for a verification only of what is not found by itself', () => {
  expect(told('missing')).toMatchObject({ msg: expect.stringMatching(/found by themselves$/) });
  expect(told('altered')).toMatchObject({ msg: expect.stringMatching(/call `tidemark contents verify`$/) });
});
