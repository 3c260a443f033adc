/** A line about an event; undefined for those that nobody wants to read about. */
export function describe({ type, version, stream, time, by, via, data }) {
  const told = (what) => `${time} ${stream} ${what}, by ${by} via ${via}`;
  switch (type) {
    case 'ManifestPushed':
      return told(`pushed ${data.manifest.kind} ${data.digest}`);
    case 'TagMoved':
      return told(`tag ${data.tag}: ${data.previous ?? 'nothing'} -> ${data.digest}`);
    case 'TagRestored': {
      // Version 1 knew no end: such a tag never stops being alive. Events are not changed, so both can come.
      const end = version === 1 ? null : data.end;
      return told(`tag ${data.tag} is back: ${data.digest} until ${end ?? 'somebody moves it'}`);
    }
    // Types that come later are no reason to stop.
    default:
      return undefined;
  }
}
