import type { MessageMediaType, MessageSeverity } from '../domain/registry/message/events.js';
import { decidePublishMessage, decideRemoveMessage } from '../domain/registry/message/message.js';
import { REGISTRY_STREAM, registryAggregate } from '../domain/registry/registry.js';
import type { MessageId } from '../domain/shared/ids.js';
import type { Ids } from '../ports/clock.js';
import type { CommandContext } from './context.js';
import type { Streams } from './streams.js';

export type NewMessage = {
  readonly content: string;
  readonly severity: MessageSeverity;
  readonly mediaType: MessageMediaType;
};

/** What superusers tell everybody. */
export class MessageCommands {
  constructor(private readonly deps: { readonly streams: Streams; readonly ids: Ids }) {}

  /** @throws MessageTooLong */
  async publish({ content, severity, mediaType }: NewMessage, context: CommandContext): Promise<MessageId> {
    const messageId = this.deps.ids.next() as MessageId;
    await this.deps.streams.decide(registryAggregate, REGISTRY_STREAM, context, () =>
      decidePublishMessage({ messageId, content, severity, mediaType }),
    );
    return messageId;
  }

  /** Also of a message that is not there (any more). */
  async remove(messageId: string, context: CommandContext): Promise<void> {
    await this.deps.streams.decide(registryAggregate, REGISTRY_STREAM, context, (state) =>
      decideRemoveMessage(messageId as MessageId, state),
    );
  }
}
