import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { LogRecord } from './log.js';

/** The server-side filter of a read or subscription: by stream or type, by prefix or regular expression. */
export function filterOf(options: ReadReq.Options): (record: LogRecord) => boolean {
  const filter = options.getFilter();
  const byType = filter?.getEventType();
  const expression = byType ?? filter?.getStreamIdentifier();
  if (!expression) return () => true;
  const textOf = ({ stream, type }: LogRecord): string => (byType ? type : stream);
  const regex = expression.getRegex();
  if (regex !== '') {
    const matching = new RegExp(regex);
    return (record) => matching.test(textOf(record));
  }
  const prefixes = expression.getPrefixList();
  return (record) => prefixes.some((prefix) => textOf(record).startsWith(prefix));
}

/** Events that the genuine server looks at in one page unless the filter says another number. */
const PAGE = 32;

/** @returns events that are looked at in one go, and between two checkpoints */
export function windowsOf(options: ReadReq.Options): { readonly page: number; readonly checkpoint: number } {
  const filter = options.getFilter();
  const page = filter?.hasMax() === true ? filter.getMax() : PAGE;
  return { page, checkpoint: filter ? page * filter.getCheckpointintervalmultiplier() : Infinity };
}
