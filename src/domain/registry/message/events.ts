import type { MessageId } from '../../shared/ids.js';

export type MessageSeverity = 'info' | 'warning' | 'error';
export type MessageMediaType = 'text/plain' | 'text/markdown';

export type MessageEvents = {
  /** Shown to everybody until it is removed. */
  MessagePublished: {
    readonly messageId: MessageId;
    readonly content: string;
    readonly severity: MessageSeverity;
    readonly mediaType: MessageMediaType;
  };
  MessageRemoved: { readonly messageId: MessageId };
};
