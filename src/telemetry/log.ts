import { pino, stdTimeFunctions, destination as openDestination, type DestinationStream, type Logger } from 'pino';
import { cleaned, MASK } from './cleaned.js';
import { humanLine } from './human.js';

export type Log = Logger;
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export type LogOptions = {
  /** What is less severe is not logged. */
  readonly level: LogLevel;
  /** Lines for people instead of JSON; by default where the standard output is a terminal. */
  readonly human?: boolean;
  /** Where lines go; by default the standard output. */
  readonly destination?: DestinationStream;
};

/** Members of child loggers, which pino does not hand to its formatters: their top level only, by exact name. */
const CHILD_SECRETS = ['authorization', 'cookie', 'password', 'secret', 'token', 'accessToken', 'refreshToken'];

/** Lines are written off the main thread's path; those still waiting are written when the process exits. */
const standardOutput = (): DestinationStream => openDestination({ dest: 1, sync: false });

const humanStream = (to: DestinationStream): DestinationStream => ({
  write(line: string) {
    to.write(humanLine(line));
  },
});

/**
 * The log of the process: one JSON object a line, with `level`, `time` (ISO), `msg` and the members that were given.
 * Give members first and a constant message: `log.info({ repositoryId }, 'manifest pushed')`. Members with the name of
 * a secret are masked at every depth; never log bodies.
 */
export function createLog({ level, human = process.stdout.isTTY, destination }: LogOptions): Log {
  const lines = destination ?? (human ? process.stdout : standardOutput());
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      redact: { paths: CHILD_SECRETS, censor: MASK },
      serializers: { err: (already: unknown) => already }, // instead of pino's own: `cleaned` saw to errors
      formatters: {
        level: (label) => ({ level: label }),
        log: (members) => cleaned(members),
      },
    },
    human ? humanStream(lines) : lines,
  );
}

/** The log of one request: every line carries its id. Make it where something is logged, not for every request. */
export const requestLog = (log: Log, requestId: string): Log => log.child({ requestId });
