import { accepted, section, used } from '../key.js';
import { flag, port, secret, text } from '../types/scalars.js';

export const mail = section('Mail', {
  FEATURE_MAILING: used(flag, true, 'e-mail is sent, and sign-ups are confirmed by it'),
  MAIL_SERVER: accepted(text, undefined, 'SMTP server; absent: mail is written to the log'),
  MAIL_PORT: accepted(port, 587, 'its port'),
  MAIL_USE_TLS: accepted(flag, true, 'STARTTLS'),
  MAIL_USE_AUTH: accepted(flag, undefined, 'whether to log in; decided by `MAIL_USERNAME`'),
  MAIL_USERNAME: accepted(text, undefined, 'user there'),
  MAIL_PASSWORD: accepted(secret(text), undefined, 'the password of that user'),
  MAIL_DEFAULT_SENDER: accepted(text, 'admin@example.com', 'sender'),
  MAIL_FAIL_SILENTLY: accepted(flag, false, 'failures are not reported'),
});
