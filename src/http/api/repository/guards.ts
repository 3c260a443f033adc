import type { RepositoryState } from '../../../domain/repository/events.js';
import type { FoundRepository } from '../../../projections/directory.js';
import type { Incoming } from '../framework/call.js';
import { Message } from '../framework/problems.js';
import type { Admission, Rule } from '../framework/rules.js';

/** As the contract's message numbers them (repositories §0.4). */
const NUMBERS: { readonly [state in RepositoryState]: number } = { NORMAL: 0, READ_ONLY: 1, MIRROR: 2, ORG_MIRROR: 4 };

/**
 * For what changes content: the repository takes changes, and a restricted user does not work in a namespace of his
 * own. Looked at after the permission and before the body (contract: repositories §0.4).
 */
export const writable = (rule: Rule<FoundRepository>): Rule<FoundRepository> => ({
  ...rule,
  admit: async (incoming) => {
    const admitted = await rule.admit(incoming);
    refuseState(admitted);
    refuseRestricted(incoming, admitted);
    return admitted;
  },
});

function refuseState({ target }: Admission<FoundRepository>): void {
  const { state } = target.repository;
  if (state !== 'NORMAL') throw new Message(503, `Repository is in read only or mirror mode: ${NUMBERS[state]}`);
}

/** Superusers are not exempt here. */
function refuseRestricted({ subject: { caller } }: Incoming, { target }: Admission<FoundRepository>): void {
  if (caller.kind === 'user' && caller.restricted && caller.namespaceId === target.namespace.id)
    throw new Message(403, 'Operation not allowed on restricted user owned namespace');
}
