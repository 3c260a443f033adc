import { isIP } from 'node:net';
import { textWhere } from './scalars.js';
import type { ValueType } from './valueType.js';

/** Texts of a known form. */

const HOST_AND_PORT = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

export const hostAndPort = textWhere('host or host:port, without a scheme or a path', (given) =>
  HOST_AND_PORT.test(given),
);

export const url = (...schemes: readonly string[]): ValueType<string> =>
  textWhere(`a URL (${schemes.map((scheme) => `${scheme}://`).join(', ')}…)`, (given) => {
    const scheme = URL.canParse(given) ? new URL(given).protocol.slice(0, -1) : '';
    return schemes.includes(scheme);
  });

export const webUrl = url('http', 'https');

/** An address of either family, with or without the length of a network's prefix. */
export const network = textWhere('an IP address or a network such as 10.0.0.0/8', (given) => {
  const [address = '', length, ...rest] = given.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128));
});

/** One label of names of metrics. */
export const metricPrefix = textWhere('letters, digits and _, not starting with a digit', (given) =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(given),
);

/** Without the dot that follows it, so that none begins with another; a hyphen would be taken for a category's end. */
export const streamPrefix = textWhere('letters, digits and _', (given) => /^[A-Za-z0-9_]+$/.test(given));

export const filledText = textWhere('text that is not empty', (given) => given.trim() !== '');

const KEY_BYTES = 32;

/** @returns the 32 bytes that the text means, undefined if it means something else */
export function parseMasterKey(given: string): Uint8Array | undefined {
  const trimmed = given.trim();
  if (/^[0-9a-fA-F]{64}$/.test(trimmed)) return Buffer.from(trimmed, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return undefined;
  const bytes = Buffer.from(trimmed, 'base64'); // reads the URL alphabet as well
  return bytes.length === KEY_BYTES ? bytes : undefined;
}

export const masterKey = textWhere(
  '32 bytes as 64 hexadecimal digits or in base64',
  (given) => parseMasterKey(given) !== undefined,
);
