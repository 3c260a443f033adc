import { describe, it } from '@jest/globals';
import { specification } from '../../../../test/support/decider.js';
import type { MessageId } from '../../shared/ids.js';
import type { RegistryEvent } from '../events.js';
import { registryAggregate, type Registry } from '../registry.js';
import { decidePublishMessage, decideRemoveMessage, LONGEST_MESSAGE, MessageTooLong } from './message.js';

const given = specification(registryAggregate);

const id = 'm1' as MessageId;
const message = { messageId: id, content: 'Hello', severity: 'info', mediaType: 'text/plain' } as const;
const published: RegistryEvent = { type: 'MessagePublished', data: message };
const removed: RegistryEvent = { type: 'MessageRemoved', data: { messageId: id } };
const remove = (state: Registry): RegistryEvent[] => decideRemoveMessage(id, state);

describe('a message to everybody', () => {
  it('is published as it is', () => {
    given()
      .when(() => decidePublishMessage(message))
      .then(published);
  });

  it('has a length that an event can hold', () => {
    const content = 'x'.repeat(LONGEST_MESSAGE);
    given()
      .when(() => decidePublishMessage({ ...message, content }))
      .then({ ...published, data: { ...message, content } });
    given()
      .when(() => decidePublishMessage({ ...message, content: `${content}x` }))
      .thenRefused(MessageTooLong);
  });

  it('is removed once; who removes what is not there has nothing to do', () => {
    given(published).when(remove).then(removed);
    given().when(remove).then();
    given(published, removed).when(remove).then();
  });
});
