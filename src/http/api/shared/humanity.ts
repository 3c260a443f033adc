import type { Captcha } from '../../../ports/captcha.js';
import type { PeopleSettings } from '../settings.js';
import { Message } from '../framework/problems.js';

type Asking = {
  /** What the client got for the riddle that it solved. */
  readonly response: string | undefined;
  readonly ip: string | null;
  /** By which he may be exempt (RECAPTCHA_WHITELISTED_USERS). */
  readonly name: string | null;
};

/** Keeps programs out where only people are wanted (contract: accounts §1, sign-up). @throws Message */
export async function requireHuman(
  {
    captcha,
    settings,
  }: {
    readonly captcha: Captcha;
    readonly settings: { readonly people: Pick<PeopleSettings, 'trustedAsHuman'> };
  },
  { response, ip, name }: Asking,
): Promise<void> {
  if (name !== null && settings.people.trustedAsHuman.has(name)) return;
  if (await captcha.passes(response, ip)) return;
  throw new Message(400, 'Are you a bot? If not, please revalidate the captcha.');
}
