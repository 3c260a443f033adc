import Type from 'typebox';
import { emailHmac } from '../../../commands/emailClaims.js';
import type { AccountId } from '../../../domain/shared/ids.js';
import { recovery, recoveryOfOrganizations, type RecoveredOrganization } from '../../../mail/account.js';
import type { AccountDocument } from '../../../projections/accounts.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { Api } from '../api.js';
import { optional, required } from '../framework/body.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { text } from '../framework/kinds.js';
import { always } from '../framework/rules.js';
import { requireHuman } from '../shared/humanity.js';
import { requireMail } from './mails.js';

export class RecoveryBody {
  @required(text()) readonly email!: string;
  @optional(text()) readonly recaptcha_response?: string;
}

/** `status`: `sent`, or `org` where only organizations have the address. */
const RecoveryView = Type.Object({
  status: Type.String(),
  orgemail: Type.Optional(Type.String()),
  orgname: Type.Optional(Type.String()),
});

/** A way back in for who has lost his password (contract: accounts §2). */
export const recoveryEndpoint = (api: Api): Endpoint => {
  const { commands, queries, sealing, mailer, background } = api;
  return endpoint({
    operation: 'requestRecoveryEmail',
    method: 'POST',
    path: '/api/v1/recovery',
    module: 'user',
    summary: 'Request a recovery email.',
    internal: true,
    access: always,
    body: RecoveryBody,
    answers: { 200: RecoveryView },
    handle: async ({ body: { email, recaptcha_response: response }, context }) => {
      await requireHuman(api, { response, ip: context.ip, name: null });
      requireMail(mailer);
      const hmac = await emailHmac(sealing, email);
      const [account, organizations] = [
        await queries.accounts.byEmail(hmac),
        await queries.namespaces.organizationsAt(hmac),
      ];
      const [first] = organizations;
      const mail = async (): Promise<void> => {
        if (await commands.mailBrake.allows('recovery', hmac)) await mailTo(api, email, account, organizations);
      };
      // Nobody waits for it: how long the answer takes must not tell whether somebody has the address.
      if (account || first) background('mail of a recovery', mail());
      if (account || !first) return answer(200, { status: 'sent' });
      return answer(200, { status: 'org', orgemail: email, orgname: redacted(first.name) });
    },
  });
};

/** Sends the code that lets somebody in who has lost his password. @throws MailNotSent */
export async function sendRecovery(
  { commands, mailer, site }: Pick<Api, 'commands' | 'mailer' | 'site'>,
  account: AccountDocument,
  to: string,
): Promise<void> {
  await mailer.send({ to, ...recovery(site, await codedFor({ commands }, account)) });
}

async function codedFor({ commands }: Pick<Api, 'commands'>, { id, name, passwordGeneration }: AccountDocument) {
  const accountId = id as AccountId;
  const code = await commands.accountCodes.issue({ purpose: 'recover', accountId, generation: passwordGeneration });
  return { username: name, code };
}

async function mailTo(
  api: Api,
  to: string,
  account: AccountDocument | undefined,
  organizations: readonly NamespaceDocument[],
): Promise<void> {
  const lost = account?.disabled === false ? account : undefined;
  if (organizations.length === 0) {
    if (lost) await sendRecovery(api, lost, to);
    return;
  }
  const content = recoveryOfOrganizations(api.site, {
    organizations: await Promise.all(organizations.map((found) => withAdministrators(api, found))),
    account: lost ? await codedFor(api, lost) : null,
  });
  await api.mailer.send({ to, ...content });
}

async function withAdministrators(
  { queries }: Pick<Api, 'queries'>,
  { id, name }: NamespaceDocument,
): Promise<RecoveredOrganization> {
  const members = await queries.organizations.membersIn(id);
  const ids = [...members].flatMap(([member, teams]) =>
    member.startsWith('user:') && teams.some(({ role }) => role === 'admin') ? [member.slice('user:'.length)] : [],
  );
  const accounts = await queries.accounts.byIds(ids);
  return { name, admins: accounts.flatMap((account) => (account ? [account.name] : [])).sort() };
}

/** Beginning and end of a name, so that who knows it recognizes it: `bu•••••ge` (contract: accounts §2). */
export function redacted(name: string): string {
  const shown = Math.max(name.length / 3 - 1, 1);
  return Array.from(name, (letter, index) => (index < shown || index >= name.length - shown ? letter : '•')).join('');
}
