import type { MessageId } from '../../shared/ids.js';

/** How loudly it is shown. */
export type MessageSeverity = 'info' | 'warning' | 'error';
/** How its text is to be read. */
export type MessageMediaType = 'text/plain' | 'text/markdown';

export type MessageEvents = {
  /** A superuser's message is shown to everybody until it is removed. */
  MessagePublished: {
    readonly messageId: MessageId;
    /** Its text. */
    readonly content: string;
    readonly severity: MessageSeverity;
    readonly mediaType: MessageMediaType;
  };
  /** It is shown no longer. */
  MessageRemoved: { readonly messageId: MessageId };
};
