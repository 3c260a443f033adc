import { EncryptJWT, jwtDecrypt } from 'jose';

const DAYS = '2 days';

/**
 * The opaque `next_page` of lists: where the next page begins, encrypted, so that nobody builds on what is in it
 * (conventions §8).
 */
export class PageTokens {
  /** @param key 32 bytes, of the instance */
  constructor(private readonly key: Uint8Array) {}

  /** @param list which list it goes on with: a token of another one is not taken */
  issue(list: string, place: string): Promise<string> {
    return new EncryptJWT({ place })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setAudience(list)
      .setExpirationTime(DAYS)
      .encrypt(this.key);
  }

  /** Where to go on; undefined, and so the first page, for no token, an invalid or an expired one. */
  async read(list: string, token: string | undefined): Promise<string | undefined> {
    if (token === undefined || token === '') return undefined;
    try {
      const { payload } = await jwtDecrypt(token, this.key, {
        audience: list,
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return typeof payload['place'] === 'string' ? payload['place'] : undefined;
    } catch {
      // The contract has no error for it: the list begins anew.
      return undefined;
    }
  }
}
