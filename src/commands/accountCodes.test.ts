import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { World } from '../../test/support/world.js';
import type { AccountId } from '../domain/shared/ids.js';
import { ACCOUNT_CODES, AccountCodes, type NewCode } from './accountCodes.js';

describe('codes that are mailed', () => {
  const ada = 'ada' as AccountId;
  let world: World;
  let codes: AccountCodes;
  beforeAll(async () => {
    world = await World.open();
    const { clock, sealing } = world;
    codes = new AccountCodes({ operational: world.stores.operational, sealing, clock, recoverySeconds: 1_800 });
  });
  afterAll(() => world.close());

  const issue = (code: Partial<NewCode> = {}): Promise<string> =>
    codes.issue({ purpose: 'confirm', accountId: ada, generation: 1, ...code });

  it('prove something once', async () => {
    const code = await issue();
    expect(Buffer.from(code, 'base64').toString()).toMatch(/^[A-Za-z0-9]{20}:[A-Za-z0-9]{40}$/);
    expect(await codes.use('confirm', code)).toEqual({ accountId: ada, email: null, generation: 1 });
    expect(await codes.use('confirm', code)).toBeUndefined();
  });

  it('prove it to one of many who use them at once', async () => {
    const code = await issue({ purpose: 'recover' });
    const used = await Promise.all(Array.from({ length: 10 }, () => codes.use('recover', code)));
    expect(used.filter((each) => each !== undefined)).toHaveLength(1);
  });

  it('prove what they were made for, and nothing else', async () => {
    const code = await issue();
    expect(await codes.use('recover', code)).toBeUndefined();
    expect(await codes.use('confirm', code)).toBeDefined();
  });

  it('may be about another address, which nobody reads who has the store', async () => {
    const code = await issue({ email: 'new@example.org' });
    const records = await world.stores.operational.list(ACCOUNT_CODES, { limit: 100 });
    expect(JSON.stringify(records)).not.toContain('example');
    const [, secret = 'x'] = Buffer.from(code, 'base64').toString().split(':');
    expect(JSON.stringify(records)).not.toContain(secret);
    expect(await codes.use('confirm', code)).toMatchObject({ email: 'new@example.org' });
  });

  it.each(['', 'no code', Buffer.from('unknown:secret').toString('base64')])('are not %j', async (code) => {
    expect(await codes.use('confirm', code)).toBeUndefined();
  });

  it('are not those with the right half and a wrong one, which does not use them up', async () => {
    const code = await issue();
    const [key = ''] = Buffer.from(code, 'base64').toString().split(':');
    const guess = Buffer.from(`${key}:${'x'.repeat(40)}`).toString('base64');
    expect(await codes.use('confirm', guess)).toBeUndefined();
    expect(await codes.use('confirm', code)).toBeDefined();
  });

  it('run out', async () => {
    const code = await issue({ purpose: 'recover' });
    world.clock.pass(1_800);
    expect(await codes.use('recover', code)).toBeUndefined();
    const due = await world.stores.operational.due(ACCOUNT_CODES, { until: world.clock.now(), limit: 100 });
    expect(due.length).toBeGreaterThan(0);
  });
});
