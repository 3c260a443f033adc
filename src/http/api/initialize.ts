import { Router } from 'express';
import type { AccountCommands, RegisteredUser } from '../../commands/accounts.js';
import type { ApplicationCommands } from '../../commands/applications.js';
import type { CommandContext } from '../../commands/context.js';
import { AccountExists, FirstAccountExists } from '../../domain/account/errors.js';
import { SCOPES } from '../../domain/oauth/scopes.js';
import { DomainError } from '../../domain/shared/errors.js';
import { parseEmail } from '../../domain/shared/email.js';
import { parseNamespaceName } from '../../domain/shared/namespaceName.js';
import { parsePassword } from '../../domain/shared/password.js';
import type { AccountQueries } from '../../projections/accounts.js';
import { optional, required, validated } from './framework/body.js';
import { flag, text } from './framework/kinds.js';
import { InvalidRequest } from './framework/problems.js';
import type { ClientAddress } from '../clientAddress.js';
import type { EncryptedPasswords } from '../auth/encryptedPassword.js';
import { CallSession } from '../auth/callSession.js';
import type { Sessions } from '../auth/sessions.js';
import type { SetupSecret } from '../auth/setupSecret.js';

export class InitializeBody {
  @required(text()) readonly username!: string;
  @required(text()) readonly password!: string;
  @optional(text()) readonly email?: string;
  @optional(flag()) readonly access_token?: boolean;
}

export type InitializeOptions = {
  readonly commands: Pick<AccountCommands, 'register'>;
  readonly applications: Pick<ApplicationCommands, 'register' | 'issueToken'>;
  readonly accounts: Pick<AccountQueries, 'isEmpty' | 'byId'>;
  readonly sessions: Sessions;
  /** FEATURE_USER_INITIALIZE; the secret of the first start works without it. */
  readonly enabled: boolean;
  readonly setup: SetupSecret;
  readonly encrypted: EncryptedPasswords;
  readonly timeMachineSeconds: number;
  readonly addressOf: ClientAddress;
  readonly context: (ip: string | null, userAgent: string | null) => CommandContext;
};

/**
 * The first account of an empty registry (contract: accounts §1.3). With the secret that the first start printed it is a
 * superuser; with the feature on, only if SUPER_USERS names it.
 */
export function initializeRoutes(options: InitializeOptions): Router {
  const { commands, accounts, applications, sessions, enabled, setup, encrypted, timeMachineSeconds } = options;
  const router = Router();
  let busy: Promise<unknown> = Promise.resolve();

  router.post('/api/v1/user/initialize', async (request, response) => {
    const bySecret = setup.matches(request.get('x-setup-secret'));
    if (!enabled && !bySecret) {
      response.status(404).json({ error: 'Not Found' });
      return;
    }
    try {
      const body = await validated(InitializeBody, request.body);
      // One at a time: the second of two finds a registry that is not empty. The log decides between processes.
      const make = async () => {
        if (!(await accounts.isEmpty())) throw new FirstAccountExists();
        const name = parseNamespaceName(body.username, 'username');
        const password = parsePassword(body.password);
        const email = body.email === undefined ? null : parseEmail(body.email);
        const context = options.context(options.addressOf(request), request.get('user-agent') ?? null);
        const user = { name, email, password, superuser: bySecret, timeMachineSeconds, first: true };
        const registered = await commands.register(user, context);
        const account = await accounts.byId(registered.accountId);
        const wanted = body.access_token === true;
        const token = wanted ? await automationToken(applications, name, registered, context) : undefined;
        return { account, token };
      };
      const turn = busy.then(make);
      busy = turn.catch(() => undefined);
      const { account, token } = await turn;
      setup.used();
      const session = CallSession.of(sessions, undefined);
      if (account) session.begin(account);
      response.set(await session.headers());
      response.json({
        username: body.username,
        email: body.email ?? null,
        encrypted_password: encrypted.encrypt(body.password),
        ...(token === undefined ? {} : { access_token: token }),
      });
    } catch (error) {
      const message = refusalOf(error);
      if (message === undefined) throw error;
      response.status(400).json({ message });
    }
  });
  return router;
}

function refusalOf(error: unknown): string | undefined {
  // One whose claim was taken over while he slept finds his account barred.
  if (error instanceof FirstAccountExists || error instanceof AccountExists)
    return 'Cannot initialize user in a non-empty database';
  if (error instanceof InvalidRequest) return error.message;
  return error instanceof DomainError ? `Failed to initialize user: ${error.message}` : undefined;
}

const AUTOMATION_SECONDS = 9_000;

/** For programs that set the registry up: a token of an application in the user's own namespace, named after him. */
async function automationToken(
  applications: Pick<ApplicationCommands, 'register' | 'issueToken'>,
  username: string,
  { accountId, namespaceId }: RegisteredUser,
  context: CommandContext,
): Promise<string> {
  const description = { description: '', applicationUri: '', redirectUri: '', avatarEmail: null };
  const automation = { ...description, name: 'automation' };
  const clientId = await applications.register(namespaceId, automation, context, { clientId: username });
  const owner = { clientId, accountId, issuedBy: accountId, name: null, assignmentId: null };
  const order = { ...owner, scopes: SCOPES.toSorted(), lifetimeSeconds: AUTOMATION_SECONDS };
  return (await applications.issueToken(namespaceId, order, context)).token;
}
