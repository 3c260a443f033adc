import { accepted, section, used } from '../key.js';
import { flag, port, secret, text } from '../types/scalars.js';

export const mail = section('Mail', {
  FEATURE_MAILING: used(flag, true, 'e-mail is sent, and sign-ups are confirmed by it'),
  MAIL_SERVER: used(text, undefined, 'SMTP server; absent: what needs a mail is refused, other mail is dropped'),
  MAIL_PORT: used(port, 587, 'its port'),
  MAIL_USE_TLS: used(flag, true, 'STARTTLS must succeed; on port 465 TLS from the first byte. Off: no TLS'),
  MAIL_USE_AUTH: accepted(flag, undefined, 'whether to log in; decided by `MAIL_USERNAME`'),
  MAIL_USERNAME: used(text, undefined, 'user there; absent: no login'),
  MAIL_PASSWORD: used(secret(text), undefined, 'the password of that user'),
  MAIL_DEFAULT_SENDER: used(text, 'admin@example.com', 'sender'),
  MAIL_FAIL_SILENTLY: used(flag, false, 'failures are logged, but not reported to who caused the mail'),
});
