import { accountAggregate } from '../domain/account/account.js';
import { decideRename } from '../domain/account/profile.js';
import { namespaceAggregate } from '../domain/namespace/namespace.js';
import type { AccountId, NamespaceId, StreamName } from '../domain/shared/ids.js';
import type { CommandContext } from './context.js';
import { claimName, releaseName, waitForCreation } from './names.js';
import { accountStream, namespaceNameStream, namespaceStream } from './streamNames.js';
import type { Streams } from './streams.js';

type NamespaceClaim = { readonly name: string; readonly namespaceId: NamespaceId };

/** Claims a name of the one set that users and organizations share. @throws NameTaken */
export const claimNamespaceName = (
  streams: Streams,
  context: CommandContext,
  { name, namespaceId }: NamespaceClaim,
): Promise<void> =>
  claimName(streams, context, {
    stream: namespaceNameStream(name),
    name,
    claimant: namespaceStream(namespaceId),
    bears: (owner) => namespaceBears(streams, owner, name, context),
  });

export const releaseNamespaceName = (
  streams: Streams,
  context: CommandContext,
  { name, namespaceId }: NamespaceClaim,
): Promise<void> =>
  releaseName(streams, context, { stream: namespaceNameStream(name), owner: namespaceStream(namespaceId) });

/**
 * A namespace bears its name until it is renamed or deleted; one whose creation got stuck half-way never did, and one
 * whose rename got stuck is told so.
 */
async function namespaceBears(
  streams: Streams,
  owner: StreamName,
  name: string,
  context: CommandContext,
): Promise<boolean> {
  await waitForCreation(async () => {
    const state = await streams.load(namespaceAggregate, owner);
    return state.kind !== 'none' && (state.kind !== 'active' || state.name === name);
  });
  const { state } = await streams.decide(namespaceAggregate, owner, context, (namespace) => {
    if (namespace.kind === 'none') return [{ type: 'CreationAbandoned', data: {} }];
    if (namespace.kind !== 'active' || namespace.name === name) return [];
    return [{ type: 'NameClaimLapsed', data: { name } }];
  });
  if (state.kind !== 'active') return false;
  if (state.name !== name) {
    if (state.owner !== null) await renameAlong(streams, state.owner, state.name, context);
    return false;
  }
  if (state.owner === null || (await accountLives(streams, accountStream(state.owner), context))) return true;
  await streams.decide(namespaceAggregate, owner, context, ({ kind }) =>
    kind === 'active' ? [{ type: 'NamespaceDeleted', data: {} }] : [],
  );
  return false;
}

/** An account bears the name of its namespace; whoever renamed both may have stopped in between. */
export async function renameAlong(
  streams: Streams,
  accountId: AccountId,
  name: string,
  context: CommandContext,
): Promise<void> {
  await streams.decide(accountAggregate, accountStream(accountId), context, (account) =>
    account.kind === 'active' ? decideRename(name, account) : [],
  );
}

/** Whether the account of a stream exists; one whose registration got stuck is given up. */
export async function accountLives(streams: Streams, owner: StreamName, context: CommandContext): Promise<boolean> {
  await waitForCreation(async () => (await streams.load(accountAggregate, owner)).kind !== 'none');
  const { state } = await streams.decide(accountAggregate, owner, context, (account) =>
    account.kind === 'none' ? [{ type: 'CreationAbandoned', data: {} }] : [],
  );
  return state.kind === 'active';
}
