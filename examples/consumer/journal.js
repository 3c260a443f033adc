import { open, readFile } from 'node:fs/promises';

/**
 * A file with one line of JSON for each event that had an effect. The line is the effect and the note that it happened,
 * in one write: whoever writes to a database puts the event's id into the same transaction.
 */
export async function openJournal(path) {
  const seen = new Set();
  let whole = 0;
  for (const line of (await readFile(path, 'utf8').catch(ifMissing)).split(/(?<=\n)/)) {
    // A line without an end is one that a crash cut off: its event will come again.
    if (!line.endsWith('\n')) continue;
    seen.add(JSON.parse(line).id);
    whole += Buffer.byteLength(line);
  }
  const file = await open(path, 'a');
  await file.truncate(whole);
  return {
    has: (id) => seen.has(id),
    add: async (entry) => {
      await file.appendFile(`${JSON.stringify(entry)}\n`);
      await file.datasync();
      seen.add(entry.id);
    },
  };
}

function ifMissing(error) {
  if (error.code === 'ENOENT') return '';
  throw error;
}
