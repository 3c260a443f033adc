/** Log lines for people at a terminal. */

const COLORS: Readonly<Record<string, number>> = { trace: 90, debug: 36, info: 32, warn: 33, error: 31, fatal: 35 };
const HIDDEN = new Set(['level', 'time', 'msg', 'err']);

const painted = (text: string, color: number | undefined): string =>
  color === undefined ? text : `\u001b[${color}m${text}\u001b[0m`;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** An error's stack and the stacks of what caused it, each on lines of their own. */
function stacks(error: unknown): string {
  if (!isRecord(error)) return '';
  const cause = stacks(error['cause']);
  const text = typeof error['stack'] === 'string' ? error['stack'] : shown(error);
  return `\n    ${text.replaceAll('\n', '\n    ')}${cause === '' ? '' : `\n    caused by${cause}`}`;
}

function parsed(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return value;
  } catch {
    return undefined;
  }
}

/** One JSON line of the log as `time LEVEL message member=value …`; anything else as it is. */
export function humanLine(line: string): string {
  const entry = parsed(line);
  if (!isRecord(entry)) return line;
  const level = shown(entry['level'] ?? '');
  const members = Object.entries(entry)
    .filter(([name]) => !HIDDEN.has(name))
    .map(([name, value]) => ` ${painted(`${name}=`, 90)}${shown(value)}`);
  const time = painted(shown(entry['time'] ?? '').slice(11, 23), 90);
  const severity = painted(level.toUpperCase().padEnd(5), COLORS[level]);
  return `${time} ${severity} ${shown(entry['msg'] ?? '')}${members.join('')}${stacks(entry['err'])}\n`;
}
