/** Letters that do not come apart into a Latin letter and a mark. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', ẞ: 'SS', æ: 'ae', Æ: 'AE', œ: 'oe', Œ: 'OE', ø: 'o', Ø: 'O', ł: 'l', Ł: 'L', đ: 'd', Đ: 'D' },
  ...{ ð: 'd', Ð: 'D', þ: 'th', Þ: 'Th', ı: 'i', ħ: 'h', Ħ: 'H', ŋ: 'ng', Ŋ: 'NG', ŧ: 't', Ŧ: 'T', ĸ: 'k' },
  ...cased('абвгдезиклмнопрстуфхцчшщъыьэюяіїєґёй', [
    ...['a', 'b', 'v', 'g', 'd', 'e', 'z', 'i', 'k', 'l', 'm', 'n', 'o', 'p', 'r', 's', 't', 'u', 'f', 'kh', 'ts'],
    ...['ch', 'sh', 'shch', '', 'y', '', 'e', 'iu', 'ia', 'i', 'yi', 'ie', 'g', 'io', 'i'],
  ]),
  ...cased('ж', ['zh']),
  ...cased('αβγδεζηθικλμνξοπρστυφχψως', [
    ...['a', 'b', 'g', 'd', 'e', 'z', 'e', 'th', 'i', 'k', 'l', 'm', 'n', 'x', 'o', 'p', 'r', 's', 't', 'u', 'ph'],
    ...['kh', 'ps', 'o', 's'],
  ]),
};

function cased(letters: string, latin: readonly string[]): Readonly<Record<string, string>> {
  const pairs = Array.from(letters).map((letter, index): [string, string] => [letter, latin[index] ?? '']);
  const upper = pairs.map(([letter, text]): [string, string] => [
    letter.toUpperCase(),
    text.slice(0, 1).toUpperCase() + text.slice(1),
  ]);
  return Object.fromEntries([...upper, ...pairs]);
}

/**
 * A text in ASCII: letters of European scripts as Latin ones, others left out (contract: superuser §11). Names are ASCII,
 * so that what is left out could not be part of one.
 */
export const transliterated = (text: string): string =>
  Array.from(text.normalize('NFC'), (letter) => LETTERS[letter] ?? withoutMarks(letter))
    .join('')
    .replace(/[^\p{ASCII}]/gu, '');

const withoutMarks = (letter: string): string =>
  Array.from(letter.normalize('NFKD'), (part) => LETTERS[part] ?? part).join('');
