import { oidcService } from './keys/authentication.js';
import { isRead, REFUSED, type Place, type Refused } from './types/place.js';
import type { ValueIn } from './types/valueType.js';

/** A provider of sign-ins by OpenID Connect: one `<NAME>_LOGIN_CONFIG` of the configuration. */
export type LoginService = {
  /** The part of the key before its first `_`, in lower case. */
  readonly id: string;
  readonly key: string;
  readonly settings: ValueIn<typeof oidcService>;
};

const RESERVED = ['ldap', 'jwt', 'keystone'];

/** Whether a key that the schema does not list names such a provider. */
export const isLoginServiceKey = (key: string): boolean => /^[A-Z][A-Z0-9]*_(?:[A-Z0-9_]+_)?LOGIN_CONFIG$/.test(key);

export function parseLoginService(key: string, value: unknown, place: Place): LoginService | Refused {
  const id = key.slice(0, key.indexOf('_')).toLowerCase();
  if (RESERVED.includes(id)) return place.refuse(id, 'another name than ldap, jwt and keystone before the first _');
  const settings = oidcService.parse(value, place);
  if (!isRead(settings)) return REFUSED;
  if (!settings.OIDC_SERVER.startsWith('https:') && !settings.DEBUGGING) {
    return place.member('OIDC_SERVER').refuse(settings.OIDC_SERVER, 'an https address, unless DEBUGGING is true');
  }
  // Discovery is relative to the address, which must therefore end with a slash.
  const server = settings.OIDC_SERVER.endsWith('/') ? settings.OIDC_SERVER : `${settings.OIDC_SERVER}/`;
  return { id, key, settings: { ...settings, OIDC_SERVER: server } };
}
