import { may, type Caller } from '../../../domain/access.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { VisibleRange } from '../../../projections/repositoryListing.js';
import type { Api } from '../api.js';
import type { Incoming } from '../framework/call.js';

type Sources = Pick<Api, 'directory' | 'queries'>;

/** A private repository of nobody: who may read it may read all. */
const NOWHERE = {
  ...{ namespaceId: '', membership: undefined, granted: undefined },
  visibility: 'private',
  state: 'NORMAL',
} as const;

/**
 * What the caller sees in lists, in one namespace or everywhere: what is his, what was given to him or to a team of his,
 * what he administers, and public ones if he asks for them. The scopes of a token do not narrow it (contract:
 * repositories §1).
 */
export async function visibleRanges(
  { directory, queries }: Sources,
  { subject }: Incoming,
  there: NamespaceDocument | undefined,
  withPublic: boolean,
): Promise<readonly VisibleRange[]> {
  const { caller } = subject;
  const place = there ? { namespaceId: there.id } : {};
  const open: VisibleRange[] = withPublic ? [{ kind: 'visibility', visibility: 'public', ...place }] : [];
  if (caller.kind === 'anonymous') return open;
  if (may(subject, { on: 'repository', to: 'read', there: NOWHERE }, directory.policy))
    return [there ? { kind: 'namespace', namespaceId: there.id } : { kind: 'everything' }];
  const administered = await administeredBy(queries, caller, there);
  if (there && administered.has(there.id)) return [{ kind: 'namespace', namespaceId: there.id }];
  const teams = await teamsOf(queries, caller, there);
  return [
    ...(there ? [] : [...administered].map((namespaceId): VisibleRange => ({ kind: 'namespace', namespaceId }))),
    { kind: 'grantee', grantee: keyOf(caller), ...place },
    ...teams.map(({ teamId }): VisibleRange => ({ kind: 'grantee', grantee: `team:${teamId}`, ...place })),
    ...open,
  ];
}

type Known = Exclude<Caller, { kind: 'anonymous' }>;
const keyOf = ({ kind, id }: Known): string => `${kind}:${id}`;

const teamsOf = ({ organizations }: Sources['queries'], caller: Known, there: NamespaceDocument | undefined) =>
  there ? organizations.memberships(keyOf(caller), there.id) : organizations.membershipsOf(keyOf(caller));

/** His own namespace, and the organizations in whose administrators' teams he is. */
async function administeredBy(
  queries: Sources['queries'],
  caller: Known,
  there: NamespaceDocument | undefined,
): Promise<ReadonlySet<string>> {
  const teams = await teamsOf(queries, caller, there);
  const ids = teams.flatMap(({ role, namespaceId }) => (role === 'admin' ? [namespaceId] : []));
  return new Set(caller.kind === 'user' ? [caller.namespaceId, ...ids] : ids);
}
