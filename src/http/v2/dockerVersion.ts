/** The Docker engine in a user agent as `[major, minor, patch]`; undefined for other clients. */
export function dockerVersion(userAgent: string | null): readonly [number, number, number] | undefined {
  // What Docker called itself before it had a version in its user agent (contract: registry-v2 §2).
  if (userAgent === 'Go 1.1 package http') return [1, 5, 0];
  const match = /\bdocker\/(\d+)\.(\d+)(?:\.(\d+))?/.exec(userAgent ?? '');
  return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] : undefined;
}

/** Whether a version meets a rule such as `<1.6.0`; an unknown client and an unreadable rule meet none. */
export function meetsRule(version: readonly [number, number, number] | undefined, rule: string): boolean {
  const match = /^\s*(<=|<|>=|>|==?)\s*(\d+)\.(\d+)(?:\.(\d+))?\s*$/.exec(rule);
  if (!version || !match) return false;
  const wanted = [Number(match[2]), Number(match[3]), Number(match[4] ?? 0)];
  const order = version.map((part, index) => Math.sign(part - (wanted[index] ?? 0))).find((sign) => sign !== 0) ?? 0;
  switch (match[1]) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    default:
      return order === 0;
  }
}
