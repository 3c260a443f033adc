/** Why an engine does not serve, in one line of bearable length; its own messages may be pages of XML. */
export function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error).slice(0, LONGEST);
  const { message } = error;
  const name = 'name' in error && error.name !== 'Error' ? `${String(error.name)}: ` : '';
  const code = message === '' && 'code' in error ? String(error.code) : '';
  return `${name}${String(message)}${code}`.replaceAll(/\s+/g, ' ').slice(0, LONGEST);
}

const LONGEST = 300;
