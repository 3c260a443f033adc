import { expect, it } from '@jest/globals';
import { html, nothing } from './html.js';

it('what fills a template is text, in elements and in attributes', () => {
  const nasty = `"><script>alert('&')</script>`;
  const shown = '&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;';
  expect(html`<p title="${nasty}">${nasty}</p>`.text).toBe(`<p title="${shown}">${shown}</p>`);
});

it('what is HTML stays as it is, also a list of it', () => {
  const items = ['<a>', 'b'].map((each) => html`<li>${each}</li>`);
  expect(html`${items}${nothing}`.text).toBe('<li>&lt;a&gt;</li><li>b</li>');
});

it('a filling that looks like part of a template is none', () => {
  expect(html`${'${1}'}-${'$&'}`.text).toBe('${1}-$&amp;');
});
