import type { ConnectionOptions } from 'node:tls';
import { createTransport } from 'nodemailer';
import { MailNotSent, type Mail, type Mailer } from '../../ports/mailer.js';
import type { Log } from '../../telemetry/log.js';

export type SmtpOptions = {
  readonly host: string;
  readonly port: number;
  /** Nothing is said in clear: STARTTLS, or TLS from the first byte on port 465. Off: no TLS at all. */
  readonly tls: boolean;
  /** Certificates that the server's is checked with, in PEM; undefined: those that Node.js trusts. */
  readonly authorities?: readonly string[];
  readonly login: { readonly user: string; readonly password: string } | null;
  /** An address, or a name with an address: `Registry <registry@example.com>`. */
  readonly sender: string;
  /** Failures are only logged. */
  readonly failSilently: boolean;
  readonly log: Pick<Log, 'warn'>;
  /** How long the server may take for each of its answers. */
  readonly patienceMilliseconds?: number;
};

/** RFC 8314 section 3.3. */
const SUBMISSIONS_PORT = 465;
const PATIENCE_MILLISECONDS = 15_000;

/** Each mail has a connection of its own: they are few, and none waits behind another or meets a stale connection. */
export class SmtpMailer implements Mailer {
  readonly configured = true;
  readonly #transport: ReturnType<typeof transportOf>;

  constructor(private readonly options: SmtpOptions) {
    this.#transport = transportOf(options);
  }

  async send({ to, subject, text, html }: Mail): Promise<void> {
    try {
      await this.#transport.sendMail({
        // As an object the address is never parsed, so it cannot name a second recipient.
        to: { name: '', address: to },
        ...{ subject, text, html },
        // RFC 3834: no vacation message comes back.
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
    } catch (error) {
      const reason = reasonOf(error, to);
      this.options.log.warn(reason, 'a mail could not be sent');
      if (!this.options.failSilently) throw new MailNotSent({ cause: new Error(reason.error) });
    }
  }
}

function transportOf({ host, port, tls, authorities, login, sender, ...options }: SmtpOptions) {
  const patience = options.patienceMilliseconds ?? PATIENCE_MILLISECONDS;
  const trust: ConnectionOptions = authorities === undefined ? {} : { ca: [...authorities] };
  return createTransport(
    {
      ...{ host, port },
      secure: tls && port === SUBMISSIONS_PORT,
      ...(tls ? { requireTLS: true, tls: trust } : { ignoreTLS: true }),
      ...(login === null ? {} : { auth: { user: login.user, pass: login.password } }),
      ...{ connectionTimeout: patience, greetingTimeout: patience, socketTimeout: patience, dnsTimeout: patience },
      // A mail is made of what templates say; nothing in it may name a file or an address to be fetched.
      ...{ disableFileAccess: true, disableUrlAccess: true },
    },
    { from: sender },
  );
}

type Reason = { readonly error: string; readonly code?: unknown; readonly response?: unknown };

/** What an administrator needs to know, without the recipient, whom servers like to repeat. */
function reasonOf(error: unknown, recipient: string): Reason {
  if (typeof error !== 'object' || error === null) return { error: String(error) };
  return {
    error: ('message' in error ? String(error.message) : 'unknown').replaceAll(recipient, '<recipient>'),
    ...('code' in error ? { code: error.code } : {}),
    ...('responseCode' in error ? { response: error.responseCode } : {}),
  };
}
