import type { CommandContext } from '../../../commands/context.js';
import type { AccountDocument } from '../../../projections/accounts.js';
import type { Incoming } from '../framework/call.js';

/** Whoever gave the right password acts from now on, not whoever sent the request. */
export const actingAs = (context: CommandContext, { id }: Pick<AccountDocument, 'id'>): CommandContext => ({
  ...context,
  actor: { kind: 'user', id },
  credential: { kind: 'password', id },
});

/** A token has no session that could go on. */
export const isInSession = ({ context }: Pick<Incoming, 'context'>): boolean => context.credential?.kind === 'session';
