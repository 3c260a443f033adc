import type { AccountId } from '../../shared/ids.js';
import type { Timestamp } from '../../shared/time.js';
import type { OrganizationEvent } from '../events.js';

/** What decisions about applications need to know: changed in place. */
export type Applications = {
  /** By client id. */
  readonly registered: Map<string, { readonly name: string }>;
  readonly tokens: Map<string, { readonly clientId: string; readonly expires: Timestamp | null }>;
  readonly assignments: Map<
    string,
    { readonly clientId: string; readonly accountId: AccountId; readonly scope: string }
  >;
};

export const noApplications = (): Applications => ({
  registered: new Map(),
  tokens: new Map(),
  assignments: new Map(),
});

export function evolveApplications(state: Applications, event: OrganizationEvent): void {
  switch (event.type) {
    case 'ApplicationRegistered':
    case 'ApplicationChanged':
      state.registered.set(event.data.clientId, { name: event.data.name });
      return;
    case 'ApplicationRemoved':
      removeApplication(state, event.data.clientId);
      return;
    case 'ApplicationTokenIssued': {
      const { tokenId, clientId, expires } = event.data;
      state.tokens.set(tokenId, { clientId, expires });
      return;
    }
    case 'ApplicationTokenRevoked':
      state.tokens.delete(event.data.tokenId);
      return;
    case 'AuthorizationAssigned': {
      const { assignmentId, clientId, accountId, scope } = event.data;
      state.assignments.set(assignmentId, { clientId, accountId, scope });
      return;
    }
    case 'AuthorizationAssignmentRemoved':
      state.assignments.delete(event.data.assignmentId);
      return;
    default:
      return;
  }
}

function removeApplication({ registered, tokens, assignments }: Applications, clientId: string): void {
  registered.delete(clientId);
  for (const [id, token] of tokens) if (token.clientId === clientId) tokens.delete(id);
  for (const [id, assignment] of assignments) if (assignment.clientId === clientId) assignments.delete(id);
}
