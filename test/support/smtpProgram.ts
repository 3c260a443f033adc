import { buffer } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { Delivery, SmtpSettings } from './smtpServer.js';

/** An SMTP server in a process of its own: tells its parent where it listens, then every mail that it took. */
const settings = JSON.parse(process.argv[2] ?? '{}') as SmtpSettings;
const { certificate, login, refused = [] } = settings;

const tell = (message: number | Delivery): void => {
  process.send?.(message);
};

const server = new SMTPServer({
  logger: false,
  ...(certificate ? { cert: certificate.cert, key: certificate.key, secure: certificate.atOnce ?? false } : {}),
  disabledCommands: [...(certificate ? [] : ['STARTTLS']), ...(login ? [] : ['AUTH'])],
  allowInsecureAuth: true,
  authOptional: login === undefined,
  onAuth: ({ username, password }, _session, done) => {
    if (username === login?.user && password === login?.password) done(null, { user: username });
    else done(new Error('Invalid username or password'));
  },
  onRcptTo: ({ address }, _session, done) => {
    done(refused.includes(address) ? new Error(`<${address}>: Recipient address rejected`) : null);
  },
  onData: (stream, { envelope, secure, user }, done) => {
    void buffer(stream).then((source) => {
      const { mailFrom, rcptTo } = envelope;
      tell({
        from: mailFrom === false ? '' : mailFrom.address,
        to: rcptTo.map(({ address }) => address),
        source: source.toString('latin1'),
        secure,
        user: typeof user === 'string' ? user : null,
      });
      done();
    });
  },
});
server.on('error', () => {
  // A client that breaks off: the test sees it at the client.
});
const listening = server.listen(0, '127.0.0.1', () => {
  tell((listening.address() as AddressInfo).port);
});
