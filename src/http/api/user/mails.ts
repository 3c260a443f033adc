import { MailNotSent, type Mail, type Mailer } from '../../../ports/mailer.js';

/** Tells somebody what was done. The mailer has logged why it could not; what was done is done all the same. */
export async function notify(mailer: Pick<Mailer, 'send'>, mail: Mail): Promise<void> {
  try {
    await mailer.send(mail);
  } catch (error) {
    if (!(error instanceof MailNotSent)) throw error;
  }
}

/** What makes no sense without its mail is not begun where there is no mail server. @throws MailNotSent */
export function requireMail({ configured }: Pick<Mailer, 'configured'>): void {
  if (!configured) throw new MailNotSent();
}
