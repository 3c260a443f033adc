import { millisecondsOf, type Timestamp } from '../../../domain/shared/time.js';

/** How a moment is written; a moment that is not there stays null (contract: conventions §9). */
export type MomentFormat<Shown> = {
  (at: Timestamp): Shown;
  (at: Timestamp | null): Shown | null;
};

function format<Shown>(show: (date: Date) => Shown): MomentFormat<Shown> {
  function shown(at: Timestamp): Shown;
  function shown(at: Timestamp | null): Shown | null;
  function shown(at: Timestamp | null): Shown | null {
    return at === null ? null : show(new Date(millisecondsOf(at)));
  }
  return shown;
}

/** `Fri, 21 Aug 2026 20:02:54 GMT`: service keys. */
export const httpDate = format((date) => date.toUTCString());

/** `Fri, 21 Aug 2026 20:02:54 -0000`: everywhere unless another format is asked for. */
export const rfc2822 = format((date) => date.toUTCString().replace('GMT', '-0000'));

/** `2026-08-21T20:02:54.123000Z`: tokens of OAuth applications, mirror health. */
export const isoMicroseconds = format((date) => date.toISOString().replace('Z', '000Z'));

/** Whole seconds since 1970: tags, search, metadata of logs. */
export const epochSeconds = format((date) => Math.floor(date.getTime() / 1000));

/** Milliseconds since 1970: the registry's size. */
export const epochMilliseconds = format((date) => date.getTime());
