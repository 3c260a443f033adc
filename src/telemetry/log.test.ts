import { describe, expect, it } from '@jest/globals';
import { humanLine } from './human.js';
import { createLog, requestLog, type Log } from './log.js';

const open = (options: { level?: 'debug' | 'info'; human?: boolean } = {}): { log: Log; lines: string[] } => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { log: createLog({ level: options.level ?? 'info', human: options.human ?? false, destination }), lines };
};
const only = (lines: readonly string[]): unknown => {
  expect(lines).toHaveLength(1);
  const parsed: unknown = JSON.parse(lines[0] ?? '');
  return parsed;
};

describe('the log as JSON', () => {
  it('is one object a line, with level, time, message and members', () => {
    const { log, lines } = open();
    log.info({ repositoryId: 'r' }, 'manifest pushed');
    expect(only(lines)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      repositoryId: 'r',
      msg: 'manifest pushed',
    });
  });

  it('leaves out what is less severe than its level', () => {
    const { log, lines } = open();
    log.debug('not said');
    expect(lines).toEqual([]);
  });

  it('names the request in each line of its log', () => {
    const { log, lines } = open();
    requestLog(log, 'abc-1').warn('slow');
    expect(only(lines)).toMatchObject({ requestId: 'abc-1' });
  });

  it('keeps what caused an error, whether given as err or alone', () => {
    const error = new Error('outer', { cause: new Error('inner') });
    const { log, lines } = open();
    log.error({ err: error }, 'failed');
    log.error(error);
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({ err: { type: 'Error', message: 'outer', cause: { message: 'inner' } } });
    }
  });

  it('shows no secret, neither in members nor in those of child logs', () => {
    const { log, lines } = open();
    log.child({ password: 'hunter2' }).info({ headers: { Cookie: 'hunter2' }, token: 'hunter2' }, 'request');
    expect(lines.join()).not.toContain('hunter2');
  });
});

describe('the log for people', () => {
  const plain = (lines: readonly string[]): string => lines.join('').replaceAll(/\u001b\[\d+m/g, '');

  it('is time, level, message and members', () => {
    const { log, lines } = open({ human: true });
    log.info({ repositoryId: 'r', tags: ['a'] }, 'manifest pushed');
    expect(plain(lines)).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}manifest pushed repositoryId=r tags=\["a"\]\n$/);
  });

  it('shows the stacks of an error and of its cause below', () => {
    const { log, lines } = open({ human: true });
    log.error({ err: new Error('outer', { cause: new TypeError('inner') }) }, 'failed');
    expect(plain(lines)).toMatch(/ERROR failed\n {4}Error: outer\n[^]*caused by\n {4}TypeError: inner\n/);
  });

  it('passes on a line that is no JSON', () => {
    expect(humanLine('plain text\n')).toBe('plain text\n');
  });
});
