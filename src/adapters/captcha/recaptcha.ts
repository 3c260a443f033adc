import { isJsonObject } from '../../domain/shared/json.js';
import type { Captcha } from '../../ports/captcha.js';
import type { Log } from '../../telemetry/log.js';

const VERIFY = 'https://www.google.com/recaptcha/api/siteverify';
const PATIENCE_MILLISECONDS = 10_000;
/** Those of Google are some hundred characters long. */
const LONGEST = 8_192;

/** Google's reCAPTCHA, asked by its own protocol ("Verifying the user's response"). */
export class Recaptcha implements Captcha {
  constructor(
    private readonly options: {
      /** RECAPTCHA_SECRET_KEY */
      readonly secret: string;
      readonly log: Pick<Log, 'warn'>;
      readonly url?: string;
    },
  ) {}

  async passes(response: string | undefined, ip: string | null): Promise<boolean> {
    if (response === undefined || response === '' || response.length > LONGEST) return false;
    const { secret, log, url = VERIFY } = this.options;
    try {
      const answer = await fetch(url, {
        method: 'POST',
        body: new URLSearchParams({ secret, response, ...(ip === null ? {} : { remoteip: ip }) }),
        signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
        redirect: 'error',
      });
      const said: unknown = await answer.json();
      return isJsonObject(said) && said['success'] === true;
    } catch (error) {
      log.warn({ err: error }, 'a captcha could not be verified');
      return false;
    }
  }
}
