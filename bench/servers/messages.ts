/** Tells what the bytes of one direction of a connection ask for: one name a message, as soon as it can be told. */
export type Reader = (bytes: Buffer) => readonly string[];

export type Protocol = 'mongodb' | 'grpc' | 'http';

/** A reader for a new connection. */
export const readerOf: Readonly<Record<Protocol, () => Reader>> = {
  mongodb: () => framed(0, mongoLength, mongoName),
  grpc: () => framed(GRPC_PREFACE, grpcLength, grpcName),
  http: () => httpNames,
};

/** Messages that begin with their length. */
function framed(
  preface: number,
  lengthOf: (buffer: Buffer) => number | undefined,
  nameOf: (message: Buffer) => string | undefined,
): Reader {
  let kept: Buffer = Buffer.alloc(0);
  let toSkip = preface;
  return (bytes) => {
    kept = Buffer.concat([kept, bytes]);
    const skipped = Math.min(toSkip, kept.length);
    toSkip -= skipped;
    kept = kept.subarray(skipped);
    const names: string[] = [];
    for (;;) {
      const length = toSkip > 0 ? undefined : lengthOf(kept);
      if (length === undefined || kept.length < length) return names;
      const name = nameOf(kept.subarray(0, length));
      if (name !== undefined) names.push(name);
      kept = kept.subarray(length);
    }
  };
}

const mongoLength = (buffer: Buffer): number | undefined => (buffer.length < 4 ? undefined : buffer.readInt32LE(0));

const OP_MSG = 2013;
const STRING = 2;

/** The first member of the command is its name, and says for most of them which collection it is about. */
function mongoName(message: Buffer): string | undefined {
  if (message.readInt32LE(12) !== OP_MSG) return undefined;
  // Head 16, flags 4, kind of section 1, length of the document 4, type of its first member 1.
  const [type, start] = [message[25], 26];
  const end = message.indexOf(0, start);
  const command = message.toString('latin1', start, end);
  if (QUIET.has(command)) return undefined;
  if (type !== STRING) return command;
  const collection = message.toString('utf8', end + 5, message.indexOf(0, end + 5));
  // Collections of a build bear its name.
  return `${command} ${collection.split('.').slice(0, 2).join('.')}`;
}

/** What drivers do by themselves. */
const QUIET: ReadonlySet<string> = new Set(['hello', 'ismaster', 'endSessions', 'ping']);

const GRPC_PREFACE = 24;
const FRAME_HEAD = 9;
const HEADERS = 1;

const grpcLength = (buffer: Buffer): number | undefined =>
  buffer.length < FRAME_HEAD ? undefined : buffer.readUIntBE(0, 3) + FRAME_HEAD;

/** A call begins with headers; the name in them is compressed. */
const grpcName = (frame: Buffer): string | undefined => (frame[3] === HEADERS ? 'call' : undefined);

const REQUEST = /^(GET|HEAD|PUT|POST|DELETE) (\S+) HTTP\/1\.1\r\n/;

/** Clients do not pipeline: a request begins where a piece does. */
function httpNames(bytes: Buffer): readonly string[] {
  const [, method] = REQUEST.exec(bytes.toString('latin1', 0, 2048)) ?? [];
  return method === undefined ? [] : [method];
}
