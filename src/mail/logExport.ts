import type { MailContent } from '../ports/mailer.js';
import { compose, type Site } from './letter.js';

export type LogExport = {
  readonly exportId: string;
  /** The repository `<namespace>/<name>`, or the namespace. */
  readonly of: string;
  /** Where the file lies, as a whole address; null: the export failed. */
  readonly url: string | null;
};

export const logExport = (site: Site, { exportId, of, url }: LogExport): MailContent =>
  compose(site, {
    subject: 'Export Action Logs Complete',
    heading: url === null ? 'The export of logs failed' : 'The export of logs is complete',
    paragraphs: [
      url === null
        ? `The logs of ${of} could not be exported (export ${exportId}). Please ask for a new export.`
        : `The logs of ${of} were exported (export ${exportId}). Who has the link can read them for a limited time.`,
    ],
    ...(url === null ? {} : { links: [{ label: 'The exported logs', href: url }] }),
  });
