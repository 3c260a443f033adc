import { describe, expect, it } from '@jest/globals';
import { EventFromTheFuture, schemaVersionOf, upcast } from './catalogue.js';

const written = (type: string, schema: number) => ({ type, data: {}, metadata: { schema } });

describe('an event of a newer program', () => {
  it('is not guessed at when its type is not known', () => {
    expect(() => upcast(written('RepositoryPainted', 1))).toThrow(EventFromTheFuture);
    expect(() => upcast(written('toString', 1))).toThrow(EventFromTheFuture);
  });

  it('is not guessed at when its schema is newer than what is known of its type', () => {
    expect(() => upcast(written('TagMoved', schemaVersionOf('TagMoved') + 1))).toThrow(EventFromTheFuture);
  });
});
