import { DomainError } from '../domain/shared/errors.js';

/** What a mail says, apart from who gets it. Both parts say the same. */
export type MailContent = { readonly subject: string; readonly text: string; readonly html: string };

export type Mail = MailContent & {
  /** One address. It is never read as a list, whatever characters it has. */
  readonly to: string;
};

/** Hands mail to a mail server. What becomes of it there nobody here knows. */
export interface Mailer {
  /**
   * Whether there is a mail server. A flow that makes no sense without its mail asks this before it changes anything,
   * and throws `MailNotSent` where it is false.
   */
  readonly configured: boolean;

  /**
   * Resolves when the server has taken the mail, or when nobody wants to know that it did not (`MAIL_FAIL_SILENTLY`).
   * Without a server the mail is dropped, so that notices which change nothing need no question.
   *
   * @throws MailNotSent
   */
  send(mail: Mail): Promise<void>;
}

/** The mail server is missing, away, or refused the mail. The reason is logged, not told (contract: conventions §7.2). */
export class MailNotSent extends DomainError {
  readonly code = 'mail-not-sent';

  constructor(options?: ErrorOptions) {
    super('Could not send email. Please contact an administrator and report this problem.', {}, options);
  }
}
