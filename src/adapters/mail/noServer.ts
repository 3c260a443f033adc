import type { Mail, Mailer } from '../../ports/mailer.js';
import type { Log } from '../../telemetry/log.js';

/** For a registry without a mail server: tells in the log that a mail was dropped, never what it said or to whom. */
export class NoMailServer implements Mailer {
  readonly configured = false;

  constructor(private readonly log: Pick<Log, 'warn'>) {}

  send({ subject }: Mail): Promise<void> {
    this.log.warn({ subject }, 'a mail was not sent: there is no mail server');
    return Promise.resolve();
  }
}
