import type { MailContent } from '../ports/mailer.js';
import { compose, linkTo, type Site } from './letter.js';

type Coded = { readonly username: string; readonly code: string };

const IGNORE = 'If you did not ask for this, you need not do anything.';
const ALARM = 'If this was not you, please recover your account and contact the administrator of this registry.';

/** After a sign-up. */
export const signUpConfirmation = (site: Site, { username, code }: Coded): MailContent =>
  compose(site, {
    subject: 'Please confirm your e-mail address',
    heading: `Welcome to ${site.title}`,
    paragraphs: [`The account ${username} was made with this e-mail address. Please confirm that it is yours.`],
    links: [{ label: 'Confirm the e-mail address', href: linkTo(site, '/confirm', { code }) }],
    closing: IGNORE,
  });

/** To the new address: only its owner can confirm it. */
export const emailChange = (site: Site, { username, code }: Coded): MailContent =>
  compose(site, {
    subject: 'E-mail address change requested',
    heading: 'A new e-mail address',
    paragraphs: [
      `The account ${username} asks to use this e-mail address from now on. Please confirm that it is yours.`,
    ],
    links: [{ label: 'Confirm the e-mail address', href: linkTo(site, '/confirm', { code }) }],
    closing: IGNORE,
  });

/** To the old address. */
export const emailChanged = (
  site: Site,
  { username, newEmail }: { readonly username: string; readonly newEmail: string },
): MailContent =>
  compose(site, {
    subject: 'Account e-mail address changed',
    heading: 'The e-mail address of your account was changed',
    paragraphs: [`The e-mail address of the account ${username} is ${newEmail} from now on.`],
    closing: ALARM,
  });

export const passwordChanged = (site: Site, { username }: { readonly username: string }): MailContent =>
  compose(site, {
    subject: 'Account password changed',
    heading: 'The password of your account was changed',
    paragraphs: [`The password of the account ${username} was changed, and all its sessions were ended.`],
    closing: ALARM,
  });

export const recovery = (site: Site, { username, code }: Coded): MailContent =>
  compose(site, {
    subject: 'Account recovery',
    heading: 'Recover your account',
    paragraphs: [`Somebody asked to recover the account ${username}. The link signs you in once and for a short time.`],
    links: [{ label: 'Recover the account', href: linkTo(site, '/recovery', { code }) }],
    closing: IGNORE,
  });

export type RecoveredOrganization = { readonly name: string; readonly admins: readonly string[] };

/** For an address that organizations bear: nobody signs in as an organization, so their administrators are named. */
export const recoveryOfOrganizations = (
  site: Site,
  {
    organizations,
    account,
  }: {
    readonly organizations: readonly RecoveredOrganization[];
    /** The person with this address, if there is one. */
    readonly account: Coded | null;
  },
): MailContent =>
  compose(site, {
    subject: 'Account recovery',
    heading: 'Recover your account',
    paragraphs: [
      'Somebody asked to recover the account with this e-mail address.',
      'It is the address of these organizations. They are administered by their owners, who sign in for themselves:',
    ],
    items: organizations.map(({ name, admins }) => `${name}: ${admins.join(', ')}`),
    links: [
      ...(account === null
        ? []
        : [
            {
              label: `Recover the account ${account.username}`,
              href: linkTo(site, '/recovery', { code: account.code }),
            },
          ]),
      { label: 'Sign in', href: linkTo(site, '/signin/') },
    ],
    closing: IGNORE,
  });
