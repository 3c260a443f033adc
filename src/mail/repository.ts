import type { MailContent } from '../ports/mailer.js';
import { compose, linkTo, type Site } from './letter.js';

export type AddressVerification = {
  readonly namespace: string;
  readonly repository: string;
  readonly code: string;
};

/** Nobody gets notifications of a repository by mail who did not agree to it. */
export const addressVerification = (site: Site, { namespace, repository, code }: AddressVerification): MailContent =>
  compose(site, {
    subject: `Please verify your e-mail address for repository ${namespace}/${repository}`,
    heading: 'Notifications of a repository',
    paragraphs: [`Somebody wants notifications of the repository ${namespace}/${repository} sent to this address.`],
    links: [{ label: 'Agree to get them', href: linkTo(site, '/authrepoemail', { code }) }],
    closing: 'If you do not want them, you need not do anything.',
  });
