import { NoMailServer } from '../adapters/mail/noServer.js';
import { SmtpMailer } from '../adapters/mail/smtp.js';
import type { Config } from '../config/config.js';
import type { Site } from '../mail/letter.js';
import type { Mailer } from '../ports/mailer.js';
import type { Log } from '../telemetry/log.js';
import { certificateAuthorities } from './certificateAuthorities.js';

const MISSING =
  'mail is on but there is no MAIL_SERVER: sign-up, invitations, password recovery and the accounts that superusers ' +
  'make are refused; give one, or set FEATURE_MAILING to false';

/**
 * The mail server of the configuration, if there is one and mail is on. Where it is missing, whoever runs the registry
 * learns it at the start: its users are only told to ask them.
 */
export async function openMailer(config: Config, log: Pick<Log, 'warn'>): Promise<Mailer> {
  if (!config.isOn('MAILING')) return new NoMailServer(log);
  if (config.MAIL_SERVER === undefined) {
    log.warn(MISSING);
    return new NoMailServer(log);
  }
  const authorities = config.MAIL_USE_TLS ? await certificateAuthorities(config.folder) : undefined;
  return new SmtpMailer({
    host: config.MAIL_SERVER,
    port: config.MAIL_PORT,
    tls: config.MAIL_USE_TLS,
    ...(authorities === undefined ? {} : { authorities }),
    login:
      config.MAIL_USERNAME === undefined ? null : { user: config.MAIL_USERNAME, password: config.MAIL_PASSWORD ?? '' },
    sender: config.MAIL_DEFAULT_SENDER,
    failSilently: config.MAIL_FAIL_SILENTLY,
    log,
  });
}

export const siteOf = (config: Config): Site => ({
  title: config.REGISTRY_TITLE_SHORT,
  root: `${config.PREFERRED_URL_SCHEME}://${config.SERVER_HOSTNAME}`,
});
