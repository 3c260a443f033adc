import { afterEach, describe, expect, it } from '@jest/globals';
import { readMail } from '../../../test/support/mime.js';
import { SilentServer } from '../../../test/support/silentServer.js';
import { localhost, SmtpServer, type SmtpSettings } from '../../../test/support/smtpServer.js';
import { createLog } from '../../telemetry/log.js';
import { MailNotSent } from '../../ports/mailer.js';
import type { Opened } from '../contractFixture.js';
import { mailerContract, sampleMail, type MailerUnderTest } from './contract.js';
import { SmtpMailer, type SmtpOptions } from './smtp.js';

type SmtpUnderTest = MailerUnderTest & { readonly server: SmtpServer };
type Changes = Partial<Omit<SmtpOptions, 'log'>>;

async function open(settings: SmtpSettings = {}, changes: Changes = {}): Promise<Opened<SmtpUnderTest>> {
  const server = await SmtpServer.start(settings);
  const lines: string[] = [];
  const log = createLog({ level: 'info', human: false, destination: { write: (line) => void lines.push(line) } });
  const mailer = new SmtpMailer({
    ...{ host: 'localhost', port: server.port, tls: false, login: null, failSilently: false },
    sender: 'Tidemark <registry@example.com>',
    ...{ log, ...changes },
  });
  const store: SmtpUnderTest = {
    ...{ mailer, server },
    subjects: async (count) => (await server.deliveries(count)).map(({ source }) => readMail(source).subject),
    logged: () => lines.join(''),
  };
  return { store, reopen: () => Promise.resolve(store), close: () => server.stop() };
}

describe('over SMTP', () => {
  mailerContract(() => open());

  let opened: Opened<SmtpUnderTest> | undefined;
  afterEach(() => opened?.close());
  const start = async (settings: SmtpSettings = {}, changes: Changes = {}): Promise<SmtpUnderTest> => {
    opened = await open(settings, changes);
    return opened.store;
  };

  it('sends text and HTML of the same mail, for the reader to choose', async () => {
    const { mailer, server } = await start();
    expect(mailer.configured).toBe(true);
    const text = `Grüße ⚓\n.\n..\nFrom here\n${'x'.repeat(2000)}\n`;
    await mailer.send(sampleMail({ text, html: '<p>Grüße ⚓</p>\n' }));
    const [delivery] = await server.deliveries(1);
    expect(delivery).toMatchObject({ from: 'registry@example.com', to: ['jane@example.com'], secure: false });
    const { headers, parts } = readMail(delivery?.source ?? '');
    expect(headers.get('content-type')).toMatch(/^multipart\/alternative;/);
    expect(parts).toEqual([
      { type: 'text/plain', text },
      { type: 'text/html', text: '<p>Grüße ⚓</p>\n' },
    ]);
    expect(headers.get('from')).toBe('Tidemark <registry@example.com>');
    expect(headers.get('to')).toBe('jane@example.com');
    expect(headers.get('auto-submitted')).toBe('auto-generated');
  });

  it.each(['a@example.com, b@example.com', 'a@example.com\r\nBcc: b@example.com', 'A <b@example.com>'])(
    'never reads a recipient as anything else than one address: %j',
    async (to) => {
      const { mailer, server } = await start();
      await mailer.send(sampleMail({ to })).catch((error: unknown) => {
        expect(error).toBeInstanceOf(MailNotSent);
      });
      await mailer.send(sampleMail());
      const reached = (await server.deliveries(1)).flatMap((delivery) => delivery.to);
      expect(reached).not.toContain('b@example.com');
      expect(server.taken.map(({ source }) => source).join()).not.toMatch(/^bcc:/im);
    },
  );

  it('keeps a line break in a subject from being a header', async () => {
    const { mailer, server } = await start();
    await mailer.send(sampleMail({ subject: 'Account\r\nBcc: b@example.com' }));
    const [delivery] = await server.deliveries(1);
    expect(readMail(delivery?.source ?? '').headers.has('bcc')).toBe(false);
    expect(delivery?.to).toEqual(['jane@example.com']);
  });

  describe('with TLS', () => {
    const login = { user: 'registry', password: 'p+ässword' };

    it('changes to TLS, then logs in, then sends', async () => {
      const { mailer, server } = await start(
        { certificate: localhost, login },
        { tls: true, authorities: [localhost.cert], login },
      );
      await mailer.send(sampleMail());
      expect(await server.deliveries(1)).toMatchObject([{ secure: true, user: 'registry' }]);
    });

    it('says nothing to a server that does not offer it', async () => {
      const { mailer, server, logged } = await start({ login }, { tls: true, login });
      await expect(mailer.send(sampleMail())).rejects.toThrow(MailNotSent);
      expect(logged()).toContain('STARTTLS');
      expect(server.taken).toEqual([]);
    });

    it('says nothing to a server whose certificate nobody vouches for', async () => {
      const { mailer, server, logged } = await start({ certificate: localhost }, { tls: true });
      await expect(mailer.send(sampleMail())).rejects.toThrow(MailNotSent);
      expect(logged()).toContain('self-signed certificate');
      expect(server.taken).toEqual([]);
    });

    it('does not use TLS that is offered but not wanted', async () => {
      const { mailer, server } = await start({ certificate: localhost });
      await mailer.send(sampleMail());
      expect(await server.deliveries(1)).toMatchObject([{ secure: false }]);
    });
  });

  describe('when the mail cannot be sent', () => {
    const told = 'Could not send email. Please contact an administrator and report this problem.';

    it('says so, and keeps the reason for the log: a wrong password', async () => {
      const { mailer, logged } = await start(
        { login: { user: 'registry', password: 'right' } },
        { login: { user: 'registry', password: 'wrong' } },
      );
      await expect(mailer.send(sampleMail())).rejects.toThrow(told);
      expect(logged()).toContain('"code":"EAUTH","response":535');
      expect(logged()).not.toContain('wrong');
    });

    it('keeps the recipient out of the log, though the server repeats it', async () => {
      const { mailer, logged } = await start({ refused: ['jane@example.com'] });
      await expect(mailer.send(sampleMail())).rejects.toThrow(told);
      expect(logged()).toContain('<recipient>');
      expect(logged()).not.toContain('jane');
    });

    it('says so when the server is away', async () => {
      const { mailer, server, logged } = await start();
      await server.stop();
      await expect(mailer.send(sampleMail())).rejects.toThrow(told);
      expect(logged()).toContain('ECONNREFUSED');
    });

    it('does not wait for ever for a server that says nothing', async () => {
      const silent = await SilentServer.start();
      try {
        const { mailer, logged } = await start({}, { port: silent.port, patienceMilliseconds: 200 });
        await expect(mailer.send(sampleMail())).rejects.toThrow(told);
        expect(logged()).toContain('ETIMEDOUT');
      } finally {
        silent.stop();
      }
    });

    it('only logs it where nobody wants to know', async () => {
      const { mailer, server, logged } = await start({}, { failSilently: true });
      await server.stop();
      await expect(mailer.send(sampleMail())).resolves.toBeUndefined();
      expect(logged()).toContain('a mail could not be sent');
    });
  });
});
