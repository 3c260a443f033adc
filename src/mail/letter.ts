import type { MailContent } from '../ports/mailer.js';

/** The registry as mails name it. */
export type Site = {
  /** `REGISTRY_TITLE_SHORT`: stands in front of every subject. */
  readonly title: string;
  /** Scheme and host, without a slash at the end. */
  readonly root: string;
};

/** What a mail is made of; how it looks is decided here, once for all of them. */
export type Letter = {
  readonly subject: string;
  /** What happened, in a few words. */
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly items?: readonly string[];
  readonly links?: readonly LetterLink[];
  /** What to do about it if it was not expected. */
  readonly closing?: string;
};

export type LetterLink = { readonly label: string; readonly href: string };

/** A path of this registry with one parameter, as a whole address. */
export const linkTo = ({ root }: Site, path: string, query: Readonly<Record<string, string>> = {}): string => {
  const parameters = new URLSearchParams(query).toString();
  return `${root}${path}${parameters === '' ? '' : `?${parameters}`}`;
};

export const compose = (site: Site, letter: Letter): MailContent => ({
  subject: oneLine(`[${site.title}] ${letter.subject}`),
  text: textOf(site, letter),
  html: htmlOf(site, letter),
});

const NO_REPLY = 'This mail was written by a program. Nobody reads answers to it.';

function textOf({ title, root }: Site, { heading, paragraphs, items = [], links = [], closing }: Letter): string {
  const blocks = [
    oneLine(heading),
    ...paragraphs.map(oneLine),
    ...(items.length === 0 ? [] : [items.map((item) => `- ${oneLine(item)}`).join('\n')]),
    ...links.map(({ label, href }) => `${oneLine(label)}:\n${oneLine(href)}`),
    ...(closing === undefined ? [] : [oneLine(closing)]),
    // RFC 3676 section 4.3: what follows this line is a signature.
    `-- \n${oneLine(title)}, ${root}\n${NO_REPLY}`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

function htmlOf(site: Site, { heading, paragraphs, items = [], links = [], closing }: Letter): string {
  const paragraph = (text: string): string => `<p>${escape(text)}</p>`;
  const body = [
    `<h2>${escape(heading)}</h2>`,
    ...paragraphs.map(paragraph),
    ...(items.length === 0 ? [] : [`<ul>${items.map((item) => `<li>${escape(item)}</li>`).join('')}</ul>`]),
    ...links.map(({ label, href }) => `<p><a href="${escape(href)}">${escape(label)}</a><br>${escape(href)}</p>`),
    ...(closing === undefined ? [] : [paragraph(closing)]),
    `<hr><p><a href="${escape(site.root)}">${escape(site.title)}</a><br>${NO_REPLY}</p>`,
  ];
  const style = 'font-family: sans-serif; line-height: 1.5; max-width: 40em';
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escape(heading)}</title></head>`,
    `<body><div style="${style}">`,
    ...body,
    '</div></body></html>',
    '',
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe as text and inside an attribute's quotes. */
const escape = (text: string): string => oneLine(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

/** A name with a line break must not begin a paragraph, or a header, of its own. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
