import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readMail } from '../../test/support/mime.js';
import { localhost, SmtpServer } from '../../test/support/smtpServer.js';
import { sampleMail } from '../adapters/mail/contract.js';
import { temporaryFolder } from '../adapters/sqlite/temporaryFolder.js';
import { loadConfig } from '../config/load.js';
import { passwordChanged } from '../mail/account.js';
import type { Mailer } from '../ports/mailer.js';
import { openMailer, siteOf } from './mail.js';

describe('the mailer of a configuration', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let server: SmtpServer;
  let warnings: unknown[];
  const log = { warn: (...warning: readonly unknown[]): void => void warnings.push(...warning) };
  beforeEach(async () => {
    warnings = [];
    folder = temporaryFolder();
    server = await SmtpServer.start({ certificate: localhost, login: { user: 'registry', password: 'secret' } });
  });
  afterEach(async () => {
    await server.stop();
    folder.remove();
  });

  const open = (yaml: string): Promise<Mailer> => {
    writeFileSync(join(folder.path, 'config.yaml'), yaml);
    return openMailer(loadConfig({}, folder.path).config, log);
  };
  const given = (): string =>
    `MAIL_SERVER: localhost\nMAIL_PORT: ${server.port}\nMAIL_USERNAME: registry\nMAIL_PASSWORD: secret\n`;

  it('knows of no server by default, nor where mail is off', async () => {
    expect((await open('')).configured).toBe(false);
    expect((await open(`${given()}FEATURE_MAILING: false\n`)).configured).toBe(false);
  });

  it('tells at the start that what needs a mail will be refused, and both ways out of it', async () => {
    await open('');
    expect(warnings).toEqual([expect.stringMatching(/no MAIL_SERVER: .* refused; .* FEATURE_MAILING to false$/)]);
  });

  it('has nothing to tell where mail is off or has a server', async () => {
    await open('FEATURE_MAILING: false\n');
    await open(given());
    expect(warnings).toEqual([]);
  });

  it('sends over TLS to a server that an authority of the administrator vouches for', async () => {
    mkdirSync(join(folder.path, 'extra_ca_certs'));
    writeFileSync(join(folder.path, 'extra_ca_certs', 'mail.crt'), localhost.cert);
    const mailer = await open(`${given()}MAIL_DEFAULT_SENDER: quay@example.com\n`);
    expect(mailer.configured).toBe(true);
    await mailer.send(sampleMail());
    expect(await server.deliveries(1)).toMatchObject([{ from: 'quay@example.com', secure: true, user: 'registry' }]);
  });

  it('trusts nobody else', async () => {
    const mailer = await open(given());
    await expect(mailer.send(sampleMail())).rejects.toThrow('Could not send email.');
    expect(server.taken).toEqual([]);
  });

  it('sends mails with the title and the address of the registry', async () => {
    writeFileSync(join(folder.path, 'config.yaml'), `${given()}MAIL_USE_TLS: false\nREGISTRY_TITLE_SHORT: Harbour\n`);
    const { config } = loadConfig({ QUAY_OVERRIDE_CONFIG: '{"SERVER_HOSTNAME": "quay.example.com"}' }, folder.path);
    const mailer = await openMailer(config, log);
    await mailer.send({ to: 'jane@example.com', ...passwordChanged(siteOf(config), { username: 'jane' }) });
    const [delivery] = await server.deliveries(1);
    const { subject, parts } = readMail(delivery?.source ?? '');
    expect(subject).toBe('[Harbour] Account password changed');
    expect(parts[0]?.text).toContain('Harbour, http://quay.example.com\n');
  });
});
