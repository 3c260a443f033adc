import type { Sealed } from '../../src/domain/shared/sealed.js';
import { timestamp } from '../../src/domain/shared/time.js';
import type { AccountDocument } from '../../src/projections/accounts.js';

/** Not sealed at all: tests open it by looking at it. */
const sealed = (plain: string): Sealed => ({ subject: 'account', box: plain });

/** Somebody with a password, as read models show him; his ids are his name. */
export const accountDocument = (name: string, changes: Partial<AccountDocument> = {}): AccountDocument => ({
  ...{ id: name, name, namespaceId: name, emailHmac: null, verified: true, disabled: false, superuser: false },
  ...{ passwordHash: sealed('hash'), passwordEvent: 'event', passwordGeneration: 1 },
  ...{ email: null, emailEvent: null, profile: null, profileEvent: null },
  ...{ sessionsEnded: 0, sessionGeneration: 1, appTokens: [], registered: timestamp(0) },
  ...changes,
});
