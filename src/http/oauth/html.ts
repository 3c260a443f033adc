/** Text that is HTML already: nothing in it came from outside unescaped. */
export class Html {
  constructor(readonly text: string) {}
}

const ENTITIES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

type Filling = string | Html | readonly Html[];

const filled = (filling: Filling): string => {
  if (typeof filling === 'string') return escaped(filling);
  return filling instanceof Html ? filling.text : filling.map(({ text }) => text).join('');
};

/** A template whose fillings are escaped, in text and in quoted attributes, unless they are HTML themselves. */
export function html(parts: TemplateStringsArray, ...fillings: readonly Filling[]): Html {
  return new Html(parts.reduce((text, part, index) => `${text}${filled(fillings[index - 1] ?? '')}${part}`));
}

export const nothing = new Html('');
