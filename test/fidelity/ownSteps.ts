import fc from 'fast-check';
import type { Core } from '../../src/composition/core.js';
import type { AccountId, RepositoryId } from '../../src/domain/shared/ids.js';
import { context } from '../support/world.js';

/** What somebody does with what is his own. */
export type OwnStep =
  | { readonly kind: 'verify e-mail' | 'end sessions' | 'sign in' | 'issue token' | 'revoke token' }
  | { readonly kind: 'change e-mail'; readonly email: string | null }
  | { readonly kind: 'tell of himself'; readonly company: string | null }
  | { readonly kind: 'star'; readonly repository: string; readonly starred: boolean }
  | { readonly kind: 'dismiss'; readonly notification: string; readonly dismissed: boolean };

export const ownStep: fc.Arbitrary<OwnStep> = fc.oneof(
  fc.record({
    kind: fc.constantFrom<OwnStep['kind'] & ('verify e-mail' | 'end sessions' | 'sign in')>(
      'verify e-mail',
      'end sessions',
      'sign in',
    ),
  }),
  fc.record({ kind: fc.constantFrom<'issue token' | 'revoke token'>('issue token', 'issue token', 'revoke token') }),
  fc.record({
    kind: fc.constant<'change e-mail'>('change e-mail'),
    email: fc.constantFrom('one@example.org', 'ONE@example.org', 'two@example.org', null),
  }),
  fc.record({ kind: fc.constant<'tell of himself'>('tell of himself'), company: fc.constantFrom('tide', null) }),
  fc.record({
    kind: fc.constant<'star'>('star'),
    repository: fc.constantFrom('first', 'second'),
    starred: fc.constantFrom(true, true, false),
  }),
  fc.record({
    kind: fc.constant<'dismiss'>('dismiss'),
    notification: fc.constantFrom('first', 'second'),
    dismissed: fc.constantFrom(true, true, false),
  }),
);

export async function doOwn({ commands, queries }: Core, accountId: AccountId, step: OwnStep): Promise<void> {
  const { accounts, profiles, appTokens, choices } = commands;
  switch (step.kind) {
    case 'verify e-mail':
      return profiles.verifyEmail(accountId, context());
    case 'end sessions':
      return accounts.endSessions(accountId, context());
    case 'sign in':
      return accounts.signIn(accountId, context());
    case 'change e-mail':
      return profiles.changeEmail(accountId, step.email, context());
    case 'tell of himself': {
      const { company } = step;
      const profile = { given_name: null, family_name: null, company, location: null };
      return profiles.changeProfile(accountId, profile, context());
    }
    case 'issue token':
      await appTokens.issue(accountId, 'laptop', context());
      return;
    case 'revoke token': {
      const [first] = (await queries.accounts.byId(accountId))?.appTokens ?? [];
      return appTokens.revoke(accountId, first ?? 'none', context());
    }
    case 'star':
      return choices.setStarred(accountId, step.repository as RepositoryId, step.starred, context());
    case 'dismiss':
      return choices.setDismissed(accountId, step.notification, step.dismissed, context());
  }
}
