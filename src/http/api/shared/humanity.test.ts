import { expect, it } from '@jest/globals';
import { Message } from '../framework/problems.js';
import { requireHuman } from './humanity.js';

const people = { trustedAsHuman: new Set(['robbie']) };
const api = {
  captcha: { passes: (response?: string) => Promise.resolve(response === 'solved') },
  settings: { people },
};
const ask = (response: string | undefined, name: string | null) => requireHuman(api, { response, ip: null, name });

it('whoever solved the riddle passes, and whoever is trusted without', async () => {
  await expect(ask('solved', 'ada')).resolves.toBeUndefined();
  await expect(ask(undefined, 'robbie')).resolves.toBeUndefined();
  for (const name of ['ada', null]) await expect(ask(undefined, name)).rejects.toThrow(Message);
  await expect(ask('guessed', 'ada')).rejects.toThrow('Are you a bot? If not, please revalidate the captcha.');
});
