import { describe, expect, it } from '@jest/globals';
import type { Mail, Mailer } from '../../ports/mailer.js';
import { storePerTest, type Opened } from '../contractFixture.js';

export const sampleMail = (changes: Partial<Mail> = {}): Mail => ({
  to: 'jane@example.com',
  subject: '[Quay] Account recovery',
  text: 'https://quay.example.com/recovery?code=c2VjcmV0\n',
  html: '<p><a href="https://quay.example.com/recovery?code=c2VjcmV0">Recover</a></p>\n',
  ...changes,
});

/** A mailer, and what became known of its mails. */
export type MailerUnderTest = {
  readonly mailer: Mailer;
  /** The subjects of the mails that it was rid of: by sending them, or by saying that it dropped them. */
  readonly subjects: (count: number) => Promise<readonly string[]>;
  /** All that it wrote to the log. */
  readonly logged: () => string;
};

/** What every mailer promises. */
export function mailerContract(open: () => Promise<Opened<MailerUnderTest>>): void {
  describe('a mailer', () => {
    const { store } = storePerTest(open);

    it('is rid of a mail once', async () => {
      await store().mailer.send(sampleMail());
      expect(await store().subjects(1)).toEqual(['[Quay] Account recovery']);
    });

    it('takes mails at the same time', async () => {
      const subjects = Array.from({ length: 20 }, (_, n) => `[Quay] Number ${n}`);
      await Promise.all(subjects.map((subject) => store().mailer.send(sampleMail({ subject }))));
      expect(new Set(await store().subjects(20))).toEqual(new Set(subjects));
    });

    it.each(['[Zollhafen ⚓] Grüße aus dem Büro', `[Quay] ${'word '.repeat(60)}end`])(
      'keeps a subject whole: %s',
      async (subject) => {
        await store().mailer.send(sampleMail({ subject }));
        expect(await store().subjects(1)).toEqual([subject]);
      },
    );

    it('writes neither who gets a mail nor what it says to the log', async () => {
      await store().mailer.send(sampleMail());
      await store().subjects(1);
      expect(store().logged()).not.toMatch(/jane@example\.com|c2VjcmV0/);
    });
  });
}
