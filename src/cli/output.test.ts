import { describe, expect, it } from '@jest/globals';
import { createOutput, type Column, type Output } from './output.js';

const open = (json: boolean): { output: Output; written: string[] } => {
  const written: string[] = [];
  const write = (text: string): unknown => written.push(text);
  return { output: createOutput({ json, write, writeNote: write }), written };
};

type Row = { readonly tag: string; readonly size: number };
const columns: readonly Column<Row>[] = [
  { title: 'TAG', text: ({ tag }) => tag },
  { title: 'SIZE', text: ({ size }) => size.toString(), align: 'right' },
];
const rows: readonly Row[] = [
  { tag: 'latest', size: 5 },
  { tag: 'v1', size: 12_000 },
];

describe('for people', () => {
  it('aligns the columns of a table', () => {
    const { output, written } = open(false);
    output.table(columns, rows);
    expect(written.join('')).toBe(['TAG      SIZE', 'latest      5', 'v1      12000', ''].join('\n'));
  });

  it('says that there is nothing', () => {
    const { output, written } = open(false);
    output.table(columns, []);
    expect(written).toEqual(['none\n']);
  });

  it('writes the members of one thing on lines of their own', () => {
    const { output, written } = open(false);
    output.fields({ stream: 'registry', revision: 3, none: undefined, tags: ['a'] });
    expect(written).toEqual(['stream    registry\nrevision  3\ntags      ["a"]\n']);
  });

  it('lets no control character through to the terminal', () => {
    const { output, written } = open(false);
    output.table(columns, [{ tag: '\u001b[2Jv1\n', size: 1 }]);
    output.note('a\u009bb');
    expect(written.join('')).not.toMatch(/\u001b|\u009b/);
    expect(written.join('')).toContain('\\x1b[2Jv1\\x0a');
  });
});

describe('for programs', () => {
  it('writes rows and things as they are, one JSON value a line, and no remarks', () => {
    const { output, written } = open(true);
    output.table(columns, rows);
    output.fields({ revision: 3 });
    output.note('done');
    expect(written.map((text): unknown => JSON.parse(text))).toEqual([rows, { revision: 3 }]);
  });
});
