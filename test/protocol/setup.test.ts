import { afterEach, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { RegistryProcess, type Settings } from '../support/registry.js';
import { pushImage } from '../support/images.js';
import { closeConnections, V2Client, type Answer } from '../support/v2client.js';

let empty: RegistryProcess;

const start = async (settings: Settings = {}): Promise<void> => {
  empty = await RegistryProcess.start(settings);
};
afterEach(async () => {
  closeConnections();
  await empty.stop();
});

const initialize = (body: object, secret?: string): Promise<Answer> =>
  new V2Client(empty).send('POST', '/api/v1/user/initialize', {
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...(secret === undefined ? {} : { 'X-Setup-Secret': secret }) },
  });

/** Whether somebody sees what is not his. */
async function isSuperuser(name: string, password: string): Promise<boolean> {
  await empty.createUser('somebody');
  await pushImage(new V2Client(empty, 'somebody').repository('somebody/private'), 'v1');
  const client = new V2Client(empty, name, password);
  const catalog = await client.send('GET', '/v2/_catalog', { token: await client.token() });
  return catalog.text.includes('somebody/private');
}

describe('the first administrator', () => {
  it('is made with the secret that the start of an empty registry prints, once', async () => {
    await start();
    const secret = /X-Setup-Secret: ([\w-]+)/.exec(empty.output)?.[1] ?? '';
    expect(secret).not.toBe('');
    const admin = { username: 'admin', password: 'long-enough' };
    expect((await initialize(admin)).status).toBe(404);
    expect((await initialize(admin, `${secret}x`)).status).toBe(404);
    const made = await initialize(admin, secret);
    expect(made.status).toBe(200);
    expect((await initialize({ ...admin, username: 'second' }, secret)).status).toBe(404);
    expect(await isSuperuser('admin', 'long-enough')).toBe(true);
    const { encrypted_password: encrypted } = made.json<{ encrypted_password: string }>();
    expect((await new V2Client(empty, 'admin', encrypted).requestToken([])).status).toBe(200);
  });

  it('is made on the command line, beside the running registry', async () => {
    await start();
    const { dataPath } = empty;
    expect(empty.output).toContain(`  TIDEMARK_DATA_PATH='${dataPath}' tidemark user create NAME --superuser\n`);
    const said = await empty.run(['user', 'create', 'admin', '--superuser', '--json']);
    const { password } = JSON.parse(said) as { password: string };
    expect(await isSuperuser('admin', password)).toBe(true);
  });

  it('is made by a call when the configuration allows it and names him', async () => {
    await start({ FEATURE_USER_INITIALIZE: 'true', SUPER_USERS: 'admin' });
    const admin = { username: 'admin', password: 'long-enough', email: 'admin@example.com' };
    expect((await initialize(admin)).json()).toMatchObject({ username: 'admin', email: 'admin@example.com' });
    expect((await initialize({ ...admin, username: 'second' })).text).toContain('non-empty');
    expect(await isSuperuser('admin', 'long-enough')).toBe(true);
  });
});
