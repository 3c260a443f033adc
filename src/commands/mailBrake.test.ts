import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { World } from '../../test/support/world.js';
import { MAIL_COUNTS, MailBrake } from './mailBrake.js';

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

/** The brake of one process. */
const brake = (): MailBrake => new MailBrake({ operational: world.stores.operational, clock: world.clock });

it('lets a few mails go to one address, and more only after a while', async () => {
  const asked = async (address: string, times: number): Promise<boolean[]> => {
    const answers: boolean[] = [];
    for (let time = 0; time < times; time++) answers.push(await brake().allows('recovery', address));
    return answers;
  };
  expect(await asked('ada', 7)).toEqual([true, true, true, true, true, false, false]);
  expect(await asked('bob', 1)).toEqual([true]);
  expect(await brake().allows('invitation', 'ada')).toBe(true);
  world.clock.pass(599);
  expect(await asked('ada', 1)).toEqual([false]);
  world.clock.pass(1);
  expect(await asked('ada', 6)).toEqual([true, true, true, true, true, false]);
});

it('counts those that are asked for at once, by whichever process, and forgets them in time', async () => {
  const asked = await Promise.all(Array.from({ length: 20 }, () => brake().allows('recovery', 'eve')));
  expect(asked.filter((allowed) => allowed)).toHaveLength(5);
  world.clock.pass(600);
  const due = await world.stores.operational.due(MAIL_COUNTS, { until: world.clock.now(), limit: 100 });
  expect(due.map(({ key }) => key)).toContain('recovery/eve');
});
