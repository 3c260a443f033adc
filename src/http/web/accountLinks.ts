import { Router, type Request, type Response } from 'express';
import type { AccountCodes, CodePurpose, UsedCode } from '../../commands/accountCodes.js';
import type { Commands } from '../../commands/commands.js';
import type { CommandContext } from '../../commands/context.js';
import { EmailTaken } from '../../domain/account/errors.js';
import type { AccountId } from '../../domain/shared/ids.js';
import { emailChanged } from '../../mail/account.js';
import type { Site } from '../../mail/letter.js';
import type { Ids } from '../../ports/clock.js';
import type { Mailer } from '../../ports/mailer.js';
import type { AccountDocument, AccountQueries } from '../../projections/accounts.js';
import type { ApiSettings } from '../api/settings.js';
import type { Portraits } from '../api/shared/portraits.js';
import { notify } from '../api/user/mails.js';
import { promptsOf } from '../api/user/views.js';
import type { Authentication } from '../auth/authentication.js';
import { CallSession } from '../auth/callSession.js';
import type { Sessions } from '../auth/sessions.js';
import type { ClientAddress } from '../clientAddress.js';
import { NO_CACHE } from './headers.js';
import { sendPage } from './page.js';

export type AccountLinkOptions = {
  readonly settings: ApiSettings;
  readonly codes: Pick<AccountCodes, 'use'>;
  readonly commands: Pick<Commands, 'accounts' | 'profiles'>;
  readonly accounts: Pick<AccountQueries, 'byId'>;
  readonly portraits: Pick<Portraits, 'emailOf'>;
  readonly mailer: Mailer;
  readonly site: Site;
  readonly sessions: Sessions;
  readonly authentication: Authentication;
  readonly ids: Ids;
  readonly addressOf: ClientAddress;
  readonly title: string;
};

/** Why a link did not do what it should; shown to whoever followed it. */
class LinkFailed extends Error {}

/** Where links in mails lead, and where browsers look for the page that changes a password (contract: accounts §2). */
export function accountLinkRoutes(options: AccountLinkOptions): Router {
  const { settings, authentication } = options;
  const router = Router();
  if (settings.isOn('MAILING')) {
    router.get('/confirm', follow(options, 'Confirmation of an e-mail address', confirm));
    router.get('/recovery', follow(options, 'Account recovery', recover));
  }
  router.get('/.well-known/change-password', async (request, response) => {
    const { by, subject } = await authentication.of(undefined, request.get('cookie'));
    response.set('Cache-Control', NO_CACHE);
    if (by === 'session' && subject.caller.kind === 'user') response.redirect(302, settingsOf(subject.caller));
    else
      response
        .status(401)
        .type('text/html')
        .send(`${JSON.stringify({ error: NO_LOGIN })}\n`);
  });
  return router;
}

const NO_LOGIN = 'Method requires login and no valid login could be loaded.';

const settingsOf = ({ name }: { readonly name: string }, more = ''): string =>
  `/user/${encodeURIComponent(name)}?tab=settings${more}`;

/** What a link does, and where it leads then; whoever followed it is signed in. @throws LinkFailed */
type Link = (
  options: AccountLinkOptions,
  code: string,
  contextOf: (account: { readonly id: string }) => CommandContext,
) => Promise<{ readonly account: AccountDocument; readonly to: string }>;

const follow =
  (options: AccountLinkOptions, heading: string, link: Link) =>
  async (request: Request, response: Response): Promise<void> => {
    const { code } = request.query;
    const { title, settings } = options;
    if (typeof code !== 'string' || code === '') {
      sendPage(response, 400, title, { heading, text: 'The link is not complete: its code is missing.' });
      return;
    }
    if (settings.readOnly) {
      sendPage(response, 503, title, { heading, text: 'The registry is read-only at present. Try again later.' });
      return;
    }
    try {
      const { account, to } = await link(options, code, contextFor(options, request));
      response
        .set(await signedIn(options, request, account))
        .set('Cache-Control', NO_CACHE)
        .redirect(302, to);
    } catch (error) {
      if (!(error instanceof LinkFailed)) throw error;
      sendPage(response, 200, title, { heading, text: error.message });
    }
  };

const contextFor =
  ({ ids, addressOf }: AccountLinkOptions, request: Request) =>
  ({ id }: { readonly id: string }): CommandContext => ({
    actor: { kind: 'user', id },
    credential: null,
    via: 'ui',
    asSuperuser: false,
    ip: addressOf(request),
    userAgent: request.get('user-agent') ?? null,
    correlationId: ids.next(),
  });

async function signedIn({ sessions }: AccountLinkOptions, request: Request, account: AccountDocument) {
  const present = await sessions.read(request.get('cookie'));
  const session = CallSession.of(sessions, present);
  session.begin(account);
  return session.headers();
}

const NO_CONFIRMATION = 'Invalid email confirmation code';

const confirm: Link = async (options, code, contextOf) => {
  const { commands, settings, mailer, site, portraits } = options;
  const { used, account } = await proven(options, 'confirm', code, NO_CONFIRMATION);
  // A new password ends what was begun with the one before: somebody else may have begun it.
  if (used.generation !== account.passwordGeneration) throw new LinkFailed(NO_CONFIRMATION);
  const [id, context] = [account.id as AccountId, contextOf(account)];
  const old = await portraits.emailOf(account);
  if (used.email === null) await commands.profiles.verifyEmail(id, context);
  else await changeEmail(options, id, used.email, context);
  await commands.accounts.signIn(id, context);
  if (used.email !== null && old !== null) {
    await notify(mailer, { to: old, ...emailChanged(site, { username: account.name, newEmail: used.email }) });
  }
  if (promptsOf(settings, account).length > 0) return { account, to: '/updateuser' };
  return { account, to: used.email === null ? '/' : settingsOf(account) };
};

async function changeEmail(
  { commands }: AccountLinkOptions,
  id: AccountId,
  email: string,
  context: CommandContext,
): Promise<void> {
  try {
    await commands.profiles.changeEmail(id, email, context);
  } catch (error) {
    throw error instanceof EmailTaken ? new LinkFailed('E-mail address already used') : error;
  }
}

const NO_RECOVERY = 'Invalid recovery code: This code is invalid or may have already been used.';

const recover: Link = async (options, code, contextOf) => {
  const { commands } = options;
  const { used, account } = await proven(options, 'recover', code, NO_RECOVERY);
  // Who has set a new password since has found his way back without it.
  if (used.generation !== account.passwordGeneration) throw new LinkFailed(NO_RECOVERY);
  const [id, context] = [account.id as AccountId, contextOf(account)];
  // Whoever reads the mail to the address has proven that it is his.
  await commands.profiles.verifyEmail(id, context);
  await commands.accounts.signIn(id, context);
  return { account, to: settingsOf(account, '&action=password') };
};

/** What a code proves, and of whom. @throws LinkFailed */
async function proven(
  { codes, accounts }: AccountLinkOptions,
  purpose: CodePurpose,
  code: string,
  otherwise: string,
): Promise<{ readonly used: UsedCode; readonly account: AccountDocument }> {
  const used = await codes.use(purpose, code);
  const account = used && (await accounts.byId(used.accountId));
  if (!used || !account) throw new LinkFailed(otherwise);
  if (account.disabled) throw new LinkFailed(purpose === 'confirm' ? 'Could not perform login' : otherwise);
  return { used, account };
}
