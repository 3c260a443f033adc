import { describe, expect, it } from '@jest/globals';
import { specification } from '../../../test/support/decider.js';
import { testEventId, testKey } from '../../../test/support/testLog.js';
import { checkpointHash, signCheckpoint, type Checkpoint } from './checkpoint.js';
import type { RegistryEvent } from './events.js';
import {
  decideAnnounceKey,
  decideCheckpoint,
  registryAggregate,
  SigningKeyRetired,
  SigningKeyUnknown,
} from './registry.js';
import { announceKey, signedText, verifyingKey, type SigningKey } from './signing.js';

const given = specification(registryAggregate);

const [FIRST, SECOND, THIRD] = [testKey(1), testKey(2), testKey(3)];
const ROOT = 'ab'.repeat(32);

const announced = (key: SigningKey, by: SigningKey): RegistryEvent => ({
  type: 'SigningKeyAnnounced',
  data: announceKey(key, by),
});
const checkpointed = (data: Checkpoint): RegistryEvent => ({ type: 'LogCheckpointed', data });

const one = signCheckpoint({ number: 1, size: 7, root: ROOT, lastEvent: testEventId(7), previous: null }, FIRST);
const two = signCheckpoint(
  { number: 2, size: 9, root: ROOT, lastEvent: testEventId(9), previous: checkpointHash(one) },
  FIRST,
);

describe('announcing a key', () => {
  const announce = (key: SigningKey, by: SigningKey) => (state: Parameters<typeof decideAnnounceKey>[1]) =>
    decideAnnounceKey({ key, by }, state);

  it('lets the first key vouch for itself', () => {
    given().when(announce(FIRST, FIRST)).then(announced(FIRST, FIRST));
  });

  it('lets the key that signs vouch for a new one', () => {
    given(announced(FIRST, FIRST)).when(announce(SECOND, FIRST)).then(announced(SECOND, FIRST));
    const { signature, ...unsigned } = announceKey(SECOND, FIRST);
    expect(verifyingKey(FIRST.publicKey).verify(signedText(unsigned), signature)).toBe(true);
    expect(verifyingKey(SECOND.publicKey).verify(signedText(unsigned), signature)).toBe(false);
  });

  it('says nothing of a key that signs already', () => {
    given(announced(FIRST, FIRST)).when(announce(FIRST, FIRST)).then();
  });

  it('refuses a new key that another one than the present one signs', () => {
    const details = { keyId: FIRST.keyId, announced: SECOND.keyId };
    given(announced(FIRST, FIRST), announced(SECOND, FIRST))
      .when(announce(THIRD, FIRST))
      .thenRefused(SigningKeyUnknown, details);
    given().when(announce(SECOND, FIRST)).thenRefused(SigningKeyUnknown);
  });

  it('refuses a key that was replaced: its announcement could be told twice', () => {
    given(announced(FIRST, FIRST), announced(SECOND, FIRST))
      .when(announce(FIRST, SECOND))
      .thenRefused(SigningKeyRetired);
  });
});

describe('a checkpoint', () => {
  const checkpoint =
    (from: number, size: number, key = FIRST) =>
    (state: Parameters<typeof decideCheckpoint>[1]) =>
      decideCheckpoint({ from, size, root: ROOT, lastEvent: testEventId(size), key }, state);

  it('is number one and follows none, at first', () => {
    given(announced(FIRST, FIRST)).when(checkpoint(0, 7)).then(checkpointed(one));
  });

  it('links to the signed text of the one before', () => {
    given(announced(FIRST, FIRST), checkpointed(one)).when(checkpoint(7, 9)).then(checkpointed(two));
  });

  it('is not made if somebody else made one since its events were counted', () => {
    given(announced(FIRST, FIRST), checkpointed(one), checkpointed(two)).when(checkpoint(7, 11)).then();
    given(announced(FIRST, FIRST), checkpointed(one)).when(checkpoint(0, 11)).then();
  });

  it('is not made of nothing', () => {
    given(announced(FIRST, FIRST), checkpointed(one)).when(checkpoint(7, 7)).then();
  });

  it('is signed by the announced key and no other', () => {
    given().when(checkpoint(0, 7)).thenRefused(SigningKeyUnknown);
    given(announced(FIRST, FIRST), announced(SECOND, FIRST)).when(checkpoint(0, 7)).thenRefused(SigningKeyUnknown);
    given(announced(FIRST, FIRST))
      .when(checkpoint(0, 7, SECOND))
      .thenRefused(SigningKeyUnknown);
  });
});
