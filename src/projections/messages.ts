import type { MessageEvents, MessageMediaType, MessageSeverity } from '../domain/registry/message/events.js';
import type { Timestamp } from '../domain/shared/time.js';
import { BY_KEY, type Collection } from '../ports/documentStore.js';
import { everything } from './pages.js';
import { on, type Projection } from './projection.js';

export type MessageDocument = {
  readonly id: string;
  readonly content: string;
  readonly severity: MessageSeverity;
  readonly mediaType: MessageMediaType;
  readonly published: Timestamp;
};

const MESSAGES = 'messages';
const registry = on<MessageEvents>();

/** The messages that everybody is shown. */
export const messages: Projection = {
  name: 'messages',
  version: 1,
  collections: [{ name: MESSAGES, indexes: {} }],
  handlers: {
    ...registry('MessagePublished', {
      apply: ({ messageId, content, severity, mediaType }, { at }, view) => {
        const document: MessageDocument = { id: messageId, content, severity, mediaType, published: at };
        view.put(MESSAGES, messageId, document);
      },
    }),
    ...registry('MessageRemoved', {
      apply: ({ messageId }, _, view) => {
        view.put(MESSAGES, messageId, undefined);
      },
    }),
  },
};

export class MessageQueries {
  constructor(private readonly collection: Collection<MessageDocument>) {}

  /** In the order of their publication, which is that of their ids. */
  all(): Promise<readonly MessageDocument[]> {
    return everything(this.collection, { index: BY_KEY, equals: [] });
  }
}
