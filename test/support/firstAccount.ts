import { ApiClient } from './apiClient.js';
import { PASSWORD, RegistryProcess, type Settings } from './registry.js';

/** As the guides have it: an instance whose first account is a superuser, with a token that carries every scope. */
export async function withFirstAccount(
  settings: Settings = {},
  username = 'quayadmin',
): Promise<{ readonly registry: RegistryProcess; readonly admin: ApiClient; readonly token: string }> {
  const registry = await RegistryProcess.start({
    ...{
      FEATURE_USER_INITIALIZE: 'true',
      SUPER_USERS: JSON.stringify([username]),
      BROWSER_API_CALLS_XHR_ONLY: 'false',
    },
    ...settings,
  });
  const made = await new ApiClient(registry).post('/api/v1/user/initialize', {
    ...{ username, password: PASSWORD, email: `${username}@example.com`, access_token: true },
  });
  const { access_token: token } = made.json<{ access_token: string }>();
  return { registry, token, admin: new ApiClient(registry, token) };
}
