import type { Queries } from '../../../projections/queries.js';

/** The names of the organizations that nobody but this account administers. */
export async function orphansOf(
  { organizations, namespaces }: Pick<Queries, 'organizations' | 'namespaces'>,
  accountId: string,
): Promise<readonly string[]> {
  const key = `user:${accountId}`;
  const memberships = await organizations.membershipsOf(key);
  const administered = new Set(
    memberships.filter(({ role }) => role === 'admin').map(({ namespaceId }) => namespaceId),
  );
  const orphans: string[] = [];
  for (const id of administered) {
    const members = await organizations.membersIn(id);
    const others = [...members].filter(([member]) => member !== key && member.startsWith('user:'));
    if (others.some(([, teams]) => teams.some(({ role }) => role === 'admin'))) continue;
    const namespace = await namespaces.byId(id);
    if (namespace) orphans.push(namespace.name);
  }
  return orphans.sort();
}
