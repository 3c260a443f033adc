import type { MailContent } from '../ports/mailer.js';
import { compose, linkTo, type Site } from './letter.js';

export type TeamInvitation = {
  readonly organization: string;
  readonly team: string;
  /** Who invites. */
  readonly inviter: string;
  readonly code: string;
};

export const teamInvitation = (site: Site, { organization, team, inviter, code }: TeamInvitation): MailContent =>
  compose(site, {
    subject: 'Invitation to join team',
    heading: `Join the team ${team}`,
    paragraphs: [`${inviter} invites you to join the team ${team} of the organization ${organization}.`],
    links: [{ label: 'Accept the invitation', href: linkTo(site, '/confirminvite', { code }) }],
    closing: 'If you do not want to join, you need not do anything.',
  });
