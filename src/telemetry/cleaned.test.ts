import { describe, expect, it } from '@jest/globals';
import { DomainError } from '../domain/shared/errors.js';
import { cleaned, errorFields } from './cleaned.js';

class TagUnknown extends DomainError {
  readonly code = 'tag-unknown';
}

describe('what is logged', () => {
  it.each([
    'authorization',
    'Authorization',
    'proxy-authorization',
    'Cookie',
    'set-cookie',
    'password',
    'currentPassword',
    'passwd',
    'token',
    'accessToken',
    'refresh_token',
    'X-Auth-Token',
    'clientSecret',
    'apiKey',
    'private_key',
    'MASTER_KEY',
  ])('masks %s', (name) => {
    expect(cleaned({ [name]: 'hunter2' })).toEqual({ [name]: '[redacted]' });
  });

  it.each(['tokenId', 'credential', 'key', 'keys', 'passwordChangedAt'])('shows %s', (name) => {
    expect(cleaned({ [name]: 'fine' })).toEqual({ [name]: 'fine' });
  });

  it('masks at every depth, in lists too, and leaves the original alone', () => {
    const members = { request: { headers: [{ authorization: 'hunter2', accept: '*/*' }] } };
    expect(cleaned(members)).toEqual({ request: { headers: [{ authorization: '[redacted]', accept: '*/*' }] } });
    expect(members.request.headers[0]?.authorization).toBe('hunter2');
  });

  it('ends at a depth, also in circles', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(JSON.stringify(cleaned(circle))).toContain('[deeper]');
  });

  it('writes big integers as text and leaves dates alone', () => {
    const at = new Date(0);
    expect(cleaned({ size: 5n, at, none: null })).toEqual({ size: '5', at, none: null });
  });
});

describe('an error', () => {
  it('keeps its cause, code and details', () => {
    const cause = Object.assign(new TypeError('inner'), { code: 'ECONNRESET' });
    const error = new TagUnknown('no such tag', { tag: 'v1', token: 'hunter2' }, { cause });
    expect(errorFields(error)).toEqual({
      type: 'TagUnknown',
      message: 'no such tag',
      code: 'tag-unknown',
      stack: expect.stringContaining('no such tag'),
      details: { tag: 'v1', token: '[redacted]' },
      cause: { type: 'TypeError', message: 'inner', code: 'ECONNRESET', stack: expect.stringContaining('inner') },
    });
  });

  it('keeps all of several errors, and leaves out members that nobody named', () => {
    const error = new AggregateError([Object.assign(new Error('one'), { request: {} })], 'both');
    expect(errorFields(error)).toMatchObject({ errors: [{ message: 'one' }] });
    expect(JSON.stringify(errorFields(error))).not.toContain('request');
  });

  it('ends where causes go in a circle', () => {
    const error = new Error('again');
    error.cause = error;
    expect(errorFields(error)).toHaveProperty('cause.cause.message', 'again');
  });
});
