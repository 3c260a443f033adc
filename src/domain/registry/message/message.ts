import { DomainError } from '../../shared/errors.js';
import type { MessageId } from '../../shared/ids.js';
import type { RegistryEvent } from '../events.js';
import type { Registry } from '../registry.js';
import type { MessageEvents } from './events.js';

/** In characters. An event is small, and the message is read above every page. */
export const LONGEST_MESSAGE = 10_000;

export class MessageTooLong extends DomainError {
  readonly code = 'message-too-long';
  constructor() {
    super(`A message must not be longer than ${LONGEST_MESSAGE} characters`);
  }
}

export type PublishMessage = MessageEvents['MessagePublished'];

/** @throws MessageTooLong */
export function decidePublishMessage(command: PublishMessage): RegistryEvent[] {
  if (command.content.length > LONGEST_MESSAGE) throw new MessageTooLong();
  return [{ type: 'MessagePublished', data: { ...command } }];
}

/** Nothing to do where there is no such message (contract: superuser §8). */
export const decideRemoveMessage = (messageId: MessageId, { messages }: Registry): RegistryEvent[] =>
  messages.has(messageId) ? [{ type: 'MessageRemoved', data: { messageId } }] : [];
