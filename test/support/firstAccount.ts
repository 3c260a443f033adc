import { ApiClient } from './apiClient.js';
import { PASSWORD, RegistryProcess, type Settings } from './registry.js';

type FirstAccount = { readonly admin: ApiClient; readonly token: string };

/** What a registry must be told so that its first account can be made over the API. */
export const firstAccountSettings = (username = 'quayadmin'): Settings => ({
  FEATURE_USER_INITIALIZE: 'true',
  SUPER_USERS: JSON.stringify([username]),
  BROWSER_API_CALLS_XHR_ONLY: 'false',
});

/** Makes the first account of an empty registry: a superuser, with a token that carries every scope for two hours. */
export async function makeFirstAccount(
  registry: Pick<RegistryProcess, 'url'>,
  username = 'quayadmin',
): Promise<FirstAccount> {
  const made = await new ApiClient(registry).post('/api/v1/user/initialize', {
    ...{ username, password: PASSWORD, email: `${username}@example.com`, access_token: true },
  });
  const { access_token: token } = made.json<{ access_token: string }>();
  return { token, admin: new ApiClient(registry, token) };
}

/** As the guides have it: an instance whose first account is a superuser, with a token that carries every scope. */
export async function withFirstAccount(
  settings: Settings = {},
  username = 'quayadmin',
): Promise<FirstAccount & { readonly registry: RegistryProcess }> {
  const registry = await RegistryProcess.start({ ...firstAccountSettings(username), ...settings });
  return { registry, ...(await makeFirstAccount(registry, username)) };
}
