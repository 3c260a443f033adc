import { expect, it } from '@jest/globals';
import { transliterated } from './transliterate.js';

it.each([
  ['plain_name-1', 'plain_name-1'],
  ['Žluťoučký kůň', 'Zlutoucky kun'],
  ['Müller & Söhne', 'Muller & Sohne'],
  ['Weiß', 'Weiss'],
  ['Ærøskøbing', 'AEroskobing'],
  ['Łódź', 'Lodz'],
  ['Щука и Ёж', 'Shchuka i Iozh'],
  ['Αθήνα', 'Athena'],
  ['ﬁne', 'fine'],
  ['名前app', 'app'],
])('writes %s as %s', (text, ascii) => {
  expect(transliterated(text)).toBe(ascii);
});
