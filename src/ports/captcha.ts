/** Tells people from programs, where that is asked for (FEATURE_RECAPTCHA). */
export interface Captcha {
  /** @param response what the client got for the riddle that it solved @returns false also if nobody could be asked */
  passes(response: string | undefined, ip: string | null): Promise<boolean>;
}
