import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { NOT_SHOWN, REGISTRY_REQUIREMENTS } from './requirements.js';

const folder = new URL('./', import.meta.url);

/** The ids in the titles of all protocol tests. */
async function idsInTitles(): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.test.js')) continue;
    const source = await readFile(new URL(name, folder), 'utf8');
    const titles = source.matchAll(/\bit(?:\.each\([^;]*?\))?\((['"`])(.*?)\1,/gs);
    for (const [, , title = ''] of titles) for (const [id] of title.matchAll(/DS-\d{3}/g)) ids.add(id);
  }
  return ids;
}

it('has a test for each requirement that a registry can show, and for none that it does not know', async () => {
  const ids = await idsInTitles();
  const shown = REGISTRY_REQUIREMENTS.filter((id) => !(id in NOT_SHOWN));
  expect(shown.filter((id) => !ids.has(id))).toEqual([]);
  const clients = [...ids].filter((id) => !REGISTRY_REQUIREMENTS.includes(id));
  // What a client must state, a registry may check.
  expect(clients).toEqual(['DS-039']);
});
