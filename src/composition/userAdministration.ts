import { systemContext } from '../commands/context.js';
import type { Config } from '../config/config.js';
import { parseNamespaceName } from '../domain/shared/namespaceName.js';
import type { Administration } from './administration.js';
import type { Core } from './core.js';

/** Accounts, for any process that has commands. */
export const userAdministration = (config: Config, core: Core): Pick<Administration, 'createUser'> => ({
  createUser: async ({ name, email, password, superuser }) => {
    const timeMachineSeconds = config.DEFAULT_TAG_EXPIRATION.seconds;
    const user = { name: parseNamespaceName(name, 'username'), email, password, superuser, timeMachineSeconds };
    const { accountId } = await core.commands.accounts.register(user, systemContext('cli', core.ids.next()));
    return { accountId };
  },
});
