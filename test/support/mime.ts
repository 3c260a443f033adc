/** A mail as its reader sees it: enough of RFC 2045 to 2047 for what the registry sends. */
export type ReadMail = {
  readonly headers: ReadonlyMap<string, string>;
  readonly subject: string;
  /** Media type without parameters, and text. */
  readonly parts: readonly { readonly type: string; readonly text: string }[];
};

type Entity = { readonly headers: ReadonlyMap<string, string>; readonly body: string };

export function readMail(source: string): ReadMail {
  const whole = entity(source);
  const boundary = /boundary="([^"]+)"/.exec(whole.headers.get('content-type') ?? '')?.[1];
  const parts = boundary === undefined ? [whole] : whole.body.split(`--${boundary}`).slice(1, -1).map(entity);
  return {
    headers: whole.headers,
    subject: words(whole.headers.get('subject') ?? ''),
    parts: parts.map((part) => ({
      type: (part.headers.get('content-type') ?? '').split(';')[0] ?? '',
      text: text(part),
    })),
  };
}

function entity(source: string): Entity {
  const lines = source.replace(/^\r\n/, '');
  const end = lines.indexOf('\r\n\r\n');
  const fields = lines
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = new Map(
    fields.map((field) => [field.replace(/:.*/s, '').toLowerCase(), field.replace(/^[^:]*: ?/, '')]),
  );
  return { headers, body: lines.slice(end + 4).replace(/\r\n$/, '') };
}

function text({ headers, body }: Entity): string {
  const decoded = bytes(headers.get('content-transfer-encoding') ?? '7bit', body).toString('utf8');
  return decoded.replaceAll('\r\n', '\n');
}

function bytes(encoding: string, body: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body, 'base64');
  return Buffer.from(encoding === 'quoted-printable' ? quoted(body.replaceAll('=\r\n', '')) : body, 'latin1');
}

const quoted = (from: string): string =>
  from.replaceAll(/=([0-9A-F]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

/** RFC 2047: encoded words, between which white space means nothing. */
function words(header: string): string {
  const joined = header.replaceAll(/\?=\s+=\?/g, '?==?');
  const inBytes = joined.replaceAll(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_, encoding: string, word: string) =>
    encoding.toLowerCase() === 'b' ? bytes('base64', word).toString('latin1') : quoted(word.replaceAll('_', ' ')),
  );
  return Buffer.from(inBytes, 'latin1').toString('utf8');
}
