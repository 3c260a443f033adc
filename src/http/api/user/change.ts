import { EmailTaken } from '../../../domain/account/errors.js';
import { NameTaken } from '../../../domain/names/name.js';
import { parseEmail } from '../../../domain/shared/email.js';
import type { AccountId, NamespaceId } from '../../../domain/shared/ids.js';
import { parseNamespaceName } from '../../../domain/shared/namespaceName.js';
import { parsePassword } from '../../../domain/shared/password.js';
import { emailHmac } from '../../../commands/emailClaims.js';
import { emailChange, passwordChanged } from '../../../mail/account.js';
import type { AccountDocument } from '../../../projections/accounts.js';
import type { Api } from '../api.js';
import { optional } from '../framework/body.js';
import type { Call, UserCaller } from '../framework/call.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { flag, integer, nullable, text } from '../framework/kinds.js';
import { InvalidRequest, Message } from '../framework/problems.js';
import { isInSession } from './actingAs.js';
import { notify, requireMail } from './mails.js';
import { invoiceAddressOf, profileOf, UserView, viewOfUser } from './views.js';

export class ChangeUserBody {
  @optional(text()) readonly password?: string;
  @optional(text({ max: 254 })) readonly email?: string;
  @optional(text()) readonly username?: string;
  @optional(flag()) readonly invoice_email?: boolean;
  @optional(nullable(text({ max: 254 }))) readonly invoice_email_address?: string | null;
  @optional(integer({ min: 0 })) readonly tag_expiration_s?: number;
  @optional(nullable(text({ max: 255 }))) readonly given_name?: string | null;
  @optional(nullable(text({ max: 255 }))) readonly family_name?: string | null;
  @optional(nullable(text({ max: 255 }))) readonly company?: string | null;
  @optional(nullable(text({ max: 255 }))) readonly location?: string | null;
}

type Changing = Pick<Call<unknown, unknown, ChangeUserBody, UserCaller>, 'body' | 'context' | 'session'> & {
  readonly account: AccountDocument;
  readonly id: AccountId;
};

/**
 * What somebody changes of himself (contract: accounts §1). One thing after the other: what was changed stays so when a
 * later one is refused.
 */
export const changeUserEndpoint = (api: Api): Endpoint =>
  endpoint({
    operation: 'changeUserDetails',
    method: 'PUT',
    path: '/api/v1/user/',
    module: 'user',
    summary: 'Update a users details such as password or email.',
    scope: 'user:admin',
    internal: true,
    access: api.rules.user('admin'),
    fresh: true,
    body: ChangeUserBody,
    answers: { 200: UserView },
    refused: [429],
    refusals: { 'password-invalid': ({ message }) => new InvalidRequest(message) },
    handle: async ({ body, context, session, target, subject }) => {
      const id = target.id as AccountId;
      const changing = { body, context, session, id, account: await present(api, id) };
      await changePassword(api, changing);
      await changeNamespace(api, changing);
      await changeEmail(api, changing);
      await changeProfile(api, changing);
      await changeName(api, changing);
      return answer(200, await viewOfUser(api, await present(api, id), subject));
    },
  });

async function present({ queries }: Api, id: AccountId): Promise<AccountDocument> {
  const account = await queries.accounts.byId(id);
  if (!account) throw new Error(`account ${id} is signed in and not there`);
  return account;
}

/** Ends all sessions but this one, which begins anew. */
async function changePassword(api: Api, { body, account, id, context, session }: Changing): Promise<void> {
  if (body.password === undefined) return;
  const { commands, credentials, portraits, mailer, site, settings } = api;
  await commands.accounts.changePassword(id, parsePassword(body.password), context);
  const email = await portraits.emailOf(account);
  await credentials.forgive(email === null ? [account.name] : [account.name, email]);
  if (isInSession({ context })) session.begin(await present(api, id));
  if (email !== null && settings.isOn('MAILING')) {
    await notify(mailer, { to: email, ...passwordChanged(site, { username: account.name }) });
  }
}

async function changeNamespace(api: Api, { body, account, context }: Changing): Promise<void> {
  const { commands, queries, sealing, settings } = api;
  const id = account.namespaceId as NamespaceId;
  const { invoice_email: invoices, tag_expiration_s: window, invoice_email_address: address } = body;
  if (invoices !== undefined) await commands.namespaces.setInvoiceEmail(id, invoices, context);
  if (window !== undefined && settings.isOn('CHANGE_TAG_EXPIRATION')) {
    if (!settings.tagExpirationSeconds.includes(window)) throw new Message(400, 'Invalid tag expiration option');
    await commands.namespaces.setTimeMachineWindow(id, window, context);
  }
  if (address === undefined) return;
  const namespace = await queries.namespaces.byId(id);
  const [from, to] = [namespace ? await invoiceAddressOf(sealing, namespace) : null, address === '' ? null : address];
  if (from !== to) await commands.namespaces.setInvoiceEmailAddress(id, to, context);
}

/** With mail, the owner of the new address has to confirm it first; without, nobody asks for anything. */
async function changeEmail(api: Api, { body: { email }, account, id, context }: Changing): Promise<void> {
  const { commands, queries, portraits, sealing, mailer, site, settings } = api;
  if (email === undefined || email === (await portraits.emailOf(account))) return;
  const hmac = await emailHmac(sealing, email);
  const holder = await queries.accounts.byEmail(hmac);
  if (holder && holder.id !== id) throw new InvalidRequest(USED);
  if (!settings.isOn('MAILING')) {
    await commands.profiles.changeEmail(id, email === '' ? null : email, context).catch((error: unknown) => {
      throw error instanceof EmailTaken ? new InvalidRequest(USED) : error;
    });
    return;
  }
  const to = parseEmail(email);
  requireMail(mailer);
  if (!(await commands.mailBrake.allows('change', hmac)))
    throw new Message(429, 'Too many mails went to this address: try again later.');
  const generation = account.passwordGeneration;
  const code = await commands.accountCodes.issue({ purpose: 'confirm', accountId: id, email: to, generation });
  await mailer.send({ to, ...emailChange(site, { username: account.name, code }) });
}

const USED = 'E-mail address already used';

async function changeProfile(api: Api, { body, account, id, context }: Changing): Promise<void> {
  const { commands, sealing, settings } = api;
  const { given_name, family_name, company, location } = body;
  const told = Object.entries({ given_name, family_name, company, location }).filter(
    ([, value]) => value !== undefined,
  );
  if (told.length === 0 || !settings.isOn('USER_METADATA')) return;
  const profile = { ...(await profileOf(sealing, account)), ...Object.fromEntries(told) };
  await commands.profiles.changeProfile(id, profile, context);
}

/** Not allowed means not heard (contract: accounts §1). */
async function changeName(api: Api, { body: { username }, account, id, context }: Changing): Promise<void> {
  const { commands, settings } = api;
  if (username === undefined || username === '' || username === account.name) return;
  if (!settings.isOn('USER_RENAME')) return;
  const name = parseNamespaceName(username, 'username');
  if (settings.people.reservedNames.has(name)) throw new InvalidRequest(IN_USE);
  await commands.accountLife.rename(id, name, context).catch((error: unknown) => {
    throw error instanceof NameTaken ? new InvalidRequest(IN_USE) : error;
  });
}

const IN_USE = 'Username is already in use';
