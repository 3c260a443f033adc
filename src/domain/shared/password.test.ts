import { expect, it } from '@jest/globals';
import { parsePassword, PasswordInvalid } from './password.js';

it.each(['12345678', 'ünïcödé!', 'x'.repeat(4_096)])('a password may be %s', (password) => {
  expect(parsePassword(password)).toBe(password);
});

it.each(['', '1234567', 'with space', 'with\ttab', 'x'.repeat(4_097)])('a password may not be %j', (password) => {
  expect(() => parsePassword(password)).toThrow(PasswordInvalid);
});
