import type { Api } from '../api.js';
import type { Endpoint } from '../framework/endpoint.js';
import { changeUserEndpoint } from './change.js';
import { clientKeyEndpoint } from './clientKey.js';
import { accountEndEndpoints } from './end.js';
import { externalLoginEndpoints } from './externalLogin.js';
import { notificationEndpoints } from './notifications.js';
import { recoveryEndpoint } from './recovery.js';
import { signInEndpoints } from './signIn.js';
import { signUpEndpoint } from './signUp.js';
import { starEndpoints } from './stars.js';
import { userReadEndpoints } from './user.js';

/** People: themselves, their sessions and what is their own (contract: accounts §1–§5). */
export const userEndpoints = (api: Api): readonly Endpoint[] => [
  ...userReadEndpoints(api),
  ...signInEndpoints(api),
  clientKeyEndpoint(api),
  changeUserEndpoint(api),
  ...accountEndEndpoints(api),
  ...externalLoginEndpoints(api),
  ...notificationEndpoints(api),
  ...starEndpoints(api),
  ...(api.settings.isOn('MAILING') ? [recoveryEndpoint(api)] : []),
  ...(api.settings.isOn('USER_CREATION') && api.settings.isOn('DIRECT_LOGIN') ? [signUpEndpoint(api)] : []),
];
