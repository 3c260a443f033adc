import type { JsonObject } from '../../../domain/shared/json.js';

const number = { type: 'string', pattern: '^[0-9]+$' };

/** What a dead letter has beside the headers of the message that it was. */
export const DEAD_LETTER_HEADERS: JsonObject = {
  type: 'object',
  properties: {
    'dead-reason': { description: 'What went wrong the last time.', type: 'string' },
    'dead-attempts': { description: 'How often it was tried.', ...number },
    'dead-group': { description: 'The group of consumers that gave it up.', type: 'string' },
    'dead-topic': { description: 'The topic that it was in.', type: 'string' },
    'dead-partition': { description: 'The partition of that topic.', ...number },
    'dead-offset': { description: 'Its place in that partition.', ...number },
  },
  required: ['dead-reason', 'dead-attempts', 'dead-group', 'dead-topic', 'dead-partition', 'dead-offset'],
};
