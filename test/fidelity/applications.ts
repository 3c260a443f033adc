import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { RegisteredUser } from '../../src/commands/accounts.js';
import { organizationStream } from '../../src/commands/streamNames.js';
import type { Core } from '../../src/composition/core.js';
import { organizationAggregate } from '../../src/domain/organization/organization.js';
import { SCOPES, type Scope } from '../../src/domain/oauth/scopes.js';
import type { NamespaceId } from '../../src/domain/shared/ids.js';
import { timestamp } from '../../src/domain/shared/time.js';
import { context } from '../support/world.js';

/** What happens to the applications of one namespace; `which` counts those that ever were, and may be gone. */
export type ApplicationStep =
  | { readonly kind: 'register' | 'change' | 'reset secret' | 'remove'; readonly which: number; readonly name: string }
  | { readonly kind: 'issue' | 'assign' | 'use'; readonly which: number; readonly scope: Scope }
  | { readonly kind: 'revoke' | 'withdraw'; readonly which: number };

const which = fc.integer({ min: 0, max: 5 });
const name = fc.constantFrom('automation', 'nightly', 'dashboard');
const scope = fc.constantFrom<Scope>(...SCOPES);

export const applicationStep: fc.Arbitrary<ApplicationStep> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('issue' as const), which, scope }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('assign' as const, 'use' as const), which, scope }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('revoke' as const, 'withdraw' as const), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('register' as const), which, name }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('change', 'reset secret', 'remove' as const), which, name }),
  },
);

type Made = { readonly clientIds: string[]; readonly tokens: string[]; readonly assignments: string[] };

/** Applications of namespaces, each made and used by its owner. */
export class ApplicationSteps {
  readonly #made = new Map<NamespaceId, Made>();

  async do(step: ApplicationStep, { accountId, namespaceId }: RegisteredUser, { commands }: Core): Promise<void> {
    const { applications } = commands;
    const made = this.#made.get(namespaceId) ?? { clientIds: [], tokens: [], assignments: [] };
    this.#made.set(namespaceId, made);
    const clientId = at(made.clientIds, step.which);
    switch (step.kind) {
      case 'register':
        made.clientIds.push(await applications.register(namespaceId, described(step.name), context()));
        return;
      case 'change':
        return applications.change(namespaceId, clientId, described(step.name), context());
      case 'reset secret':
        return applications.resetSecret(namespaceId, clientId, context());
      case 'remove':
        return applications.remove(namespaceId, clientId, context());
      case 'issue':
      case 'use': {
        const assignmentId = step.kind === 'use' ? at(made.assignments, step.which) : null;
        const by = { accountId, issuedBy: accountId, name: null, lifetimeSeconds: 60 };
        const token = { ...by, clientId, scopes: [step.scope], assignmentId };
        made.tokens.push((await applications.issueToken(namespaceId, token, context())).tokenId);
        return;
      }
      case 'assign': {
        const assignment = { clientId, accountId, redirectUri: '', scopes: [step.scope], responseType: 'token' };
        made.assignments.push(await applications.assign(namespaceId, assignment, context()));
        return;
      }
      case 'revoke':
        return applications.revokeToken(
          namespaceId,
          { tokenId: at(made.tokens, step.which), from: 'owner' },
          context(),
        );
      case 'withdraw':
        return applications.removeAssignment(namespaceId, at(made.assignments, step.which), context());
    }
  }
}

/** The latest ones first: those of long ago are mostly gone. */
const at = (ids: readonly string[], which: number): string => ids.at(-1 - which) ?? 'nothing';

const described = (called: string) => ({
  ...{ name: called, description: '', applicationUri: '', redirectUri: '', avatarEmail: null },
});

/** The applications of a namespace as their events tell them, and as the read model does. */
export async function expectApplications(
  core: Core,
  namespaceId: NamespaceId,
  namespaceIsThere: boolean,
): Promise<void> {
  const { queries, streams } = core;
  const { applications: told } = await streams.load(organizationAggregate, organizationStream(namespaceId));
  const shown = await queries.applications.inNamespace(namespaceId);
  const registered = namespaceIsThere ? [...told.registered] : [];
  expect(new Map(shown.map(({ clientId, name: called }) => [clientId, { name: called }]))).toEqual(new Map(registered));
  for (const [id, token] of told.tokens) {
    const found = await queries.applications.token(id);
    if (namespaceIsThere) expect(found).toMatchObject(token);
    else expect(found).toBeUndefined();
    expect(await queries.applications.tokenByLookup(found?.lookup ?? '')).toEqual(found);
  }
  for (const [id, assignment] of told.assignments) {
    const found = await queries.applications.assignment(id);
    if (namespaceIsThere) expect(found).toMatchObject(assignment);
    else expect(found).toBeUndefined();
  }
  for (const [clientId] of registered) {
    const { tokens } = await queries.applications.liveTokens(clientId, { now: timestamp(0), limit: 1_000 });
    const issued = [...told.tokens].filter(([, token]) => token.clientId === clientId).map(([id]) => id);
    expect(tokens.map(({ id }) => id).toSorted()).toEqual(issued.toSorted());
  }
}
