import { describe, expect, it } from '@jest/globals';
import { timestamp, type Timestamp } from '../../../domain/shared/time.js';
import type { AppTokenDocument } from '../../../projections/accounts.js';
import { AppTokenViews } from './views.js';

const at = (second: number): Timestamp => timestamp(Date.UTC(2026, 5, 18, 18, 0, second));

const token = (id: string, expires: Timestamp | null): AppTokenDocument => ({
  ...{ id, accountId: 'ada', title: id, lookup: id, tokenEvent: 'event', created: at(0), expires },
  token: { subject: 'account:ada', box: id },
});

describe('tokens that are listed', () => {
  const all = [token('ever', null), token('late', at(50)), token('soon', at(30)), token('past', at(15))];
  const listed = async (keptSeconds: number | null, expiring: boolean | null): Promise<string[]> => {
    const views = new AppTokenViews({
      settings: { appTokenExpiringSeconds: 10, appTokenKeptSeconds: keptSeconds },
      lastUses: { of: (credentials) => Promise.resolve(credentials.map(() => null)) },
    });
    const list = await views.list(all, expiring, at(20));
    expect(list.only_expiring).toBe(expiring);
    return list.tokens.map(({ uuid }) => uuid);
  };

  it('are those that have expired, too, for a while or for ever', async () => {
    expect(await listed(6, null)).toEqual(['ever', 'late', 'soon', 'past']);
    expect(await listed(null, false)).toEqual(['ever', 'late', 'soon', 'past']);
    expect(await listed(5, null)).toEqual(['ever', 'late', 'soon']);
  });

  it('are on demand those that have not much time left', async () => {
    expect(await listed(null, true)).toEqual(['soon']);
  });
});
