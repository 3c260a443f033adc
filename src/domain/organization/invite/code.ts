const PREFIX = 'urn:teaminvite:';

/** As links and clients carry the code of an invite (contract: organizations §4). */
export const inviteUrn = (code: string): string => PREFIX + code;

/** The code in what a client sent; undefined if it is none. */
export const codeInUrn = (text: string): string | undefined =>
  text.startsWith(PREFIX) ? text.slice(PREFIX.length) : undefined;
