import { describe, expect, it } from '@jest/globals';
import { EmailInvalid, parseEmail } from './email.js';

describe('an e-mail address', () => {
  it.each(['ada@example.org', 'a@b.c', 'Ada+tag@sub.example.org', `${'a'.repeat(242)}@example.org`, 'ü@exämple.org'])(
    'is %s',
    (address) => {
      expect(parseEmail(address)).toBe(address);
    },
  );

  it.each([
    ...['', 'ada', '@example.org', 'ada@', 'ada@example', 'ada@example.', 'ada@.org', 'ada@a..b', 'a@b@example.org'],
    ...[`${'a'.repeat(243)}@example.org`, 'ada @example.org', 'ada@example.org\r\nBcc: bob@example.org'],
  ])('is not %j', (address) => {
    expect(() => parseEmail(address)).toThrow(EmailInvalid);
  });

  it('is told to whoever gave a wrong one', () => {
    expect(() => parseEmail('ada')).toThrow('Invalid email address: ada');
  });
});
