import { describe, it } from '@jest/globals';
import { specification } from '../../../test/support/decider.js';
import { streamName } from '../../../test/support/testLog.js';
import type { StreamName } from '../shared/ids.js';
import type { NameEvent } from './events.js';
import { decideClaim, decideRelease, nameAggregate, NameTaken, type NameState } from './name.js';

const given = specification(nameAggregate);
const [ONE, OTHER] = [streamName('namespace-1'), streamName('namespace-2')];
const claimed = (owner: StreamName): NameEvent => ({ type: 'NameClaimed', data: { owner } });
const released = (owner: StreamName): NameEvent => ({ type: 'NameReleased', data: { owner } });
const claim =
  (claimant: StreamName, lapsed: StreamName | null = null) =>
  (state: NameState) =>
    decideClaim({ name: 'org', claimant, void: lapsed }, state);

describe('claiming a name', () => {
  it('is possible while nobody has it', () => {
    given().when(claim(ONE)).then(claimed(ONE));
    given(claimed(OTHER), released(OTHER)).when(claim(ONE)).then(claimed(ONE));
  });

  it('happens once', () => {
    given(claimed(ONE)).when(claim(ONE)).then();
  });

  it('is refused while somebody else has it', () => {
    given(claimed(OTHER)).when(claim(ONE)).thenRefused(NameTaken, { name: 'org' });
  });

  it('takes over a claim that turned out to be void', () => {
    given(claimed(OTHER)).when(claim(ONE, OTHER)).then(claimed(ONE));
  });

  it('is refused when a third one took the void claim over first', () => {
    given(claimed(OTHER), claimed(streamName('namespace-3')))
      .when(claim(ONE, OTHER))
      .thenRefused(NameTaken);
  });
});

describe('releasing a name', () => {
  const release = (owner: StreamName) => (state: NameState) => decideRelease(owner, state);

  it('is for its owner alone, and happens once', () => {
    given(claimed(ONE)).when(release(ONE)).then(released(ONE));
    given(claimed(ONE)).when(release(OTHER)).then();
    given(claimed(ONE), released(ONE)).when(release(ONE)).then();
    given(claimed(ONE), claimed(OTHER)).when(release(ONE)).then();
  });
});
