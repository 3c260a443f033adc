import type { Json, JsonObject } from '../domain/shared/json.js';

/** A column of a table for people. */
export type Column<Row> = {
  readonly title: string;
  readonly text: (row: Row) => string;
  /** Numbers stand at the right. */
  readonly align?: 'left' | 'right';
};

/** What a command answers, to people or to programs. */
export type Output = {
  /** Rows as a table; with `--json` the rows as they are, in one list. */
  table<Row extends JsonObject>(columns: readonly Column<Row>[], rows: readonly Row[]): void;
  /** One thing, a member a line; with `--json` as it is. */
  fields(record: JsonObject): void;
  /** A remark that is not the answer: on the standard error; nothing with `--json`. */
  note(text: string): void;
};

export type OutputOptions = {
  readonly json: boolean;
  /** By default the standard output. */
  readonly write?: (text: string) => unknown;
  /** By default the standard error. */
  readonly writeNote?: (text: string) => unknown;
};

/** Control characters in what users wrote would act on the terminal. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

const harmless = (text: string): string =>
  text.replaceAll(CONTROL, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);

const widthOf = (text: string): number => Array.from(text).length;

const padded = (text: string, width: number, align: Column<never>['align']): string => {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? blanks + text : text + blanks;
};

function tableText<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map((column) => harmless(column.text(row))));
  const widths = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...cells.map((row) => widthOf(row[index] ?? ''))),
  );
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => padded(text, widths[index] ?? 0, columns[index]?.align))
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...cells.map(line)].join('\n');
}

const shown = (value: Json): string => harmless(typeof value === 'string' ? value : JSON.stringify(value));

function fieldsText(record: JsonObject): string {
  const given = Object.entries(record).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const width = Math.max(0, ...given.map(([name]) => widthOf(name)));
  return given.map(([name, value]) => `${padded(name, width, 'left')}  ${shown(value)}`).join('\n');
}

/** Where a command's answer goes: JSON on one line for programs, aligned text for people. */
export function createOutput({
  json,
  write = (text) => process.stdout.write(text),
  writeNote = (text) => process.stderr.write(text),
}: OutputOptions): Output {
  const answer = (text: string): void => {
    write(`${text}\n`);
  };
  return {
    table(columns, rows) {
      const text = (): string => (rows.length === 0 ? 'none' : tableText(columns, rows));
      answer(json ? JSON.stringify(rows) : text());
    },
    fields(record) {
      answer(json ? JSON.stringify(record) : fieldsText(record));
    },
    note(text) {
      if (!json) writeNote(`${harmless(text)}\n`);
    },
  };
}
