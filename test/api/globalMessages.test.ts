import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { withFirstAccount } from '../support/firstAccount.js';
import type { RegistryProcess } from '../support/registry.js';

let registry: RegistryProcess;
let admin: ApiClient;
let anybody: ApiClient;

beforeAll(async () => {
  ({ registry, admin } = await withFirstAccount());
  anybody = new ApiClient(registry);
});
afterAll(() => registry.stop());

type Message = { readonly uuid: string; readonly content: string };
const MESSAGES = '/api/v1/messages';
const message = { content: 'Down on *Sunday*', media_type: 'text/markdown', severity: 'warning' };
const messages = async (): Promise<readonly Message[]> =>
  (await anybody.get(MESSAGES)).json<{ messages: Message[] }>().messages;
const detail = (text: string) => [400, expect.objectContaining({ detail: text, error_type: 'invalid_request' })];
const FORBIDDEN =
  "You don't have the permission to access the requested resource. It is either read-protected or not readable by the server.";

describe('messages to everybody', () => {
  it('are published, read by anybody, and removed', async () => {
    expect((await anybody.get(MESSAGES)).both).toEqual([200, { messages: [] }]);
    const published = await admin.post(MESSAGES, { message });
    expect([published.status, published.text]).toEqual([201, '']);
    await admin.post(MESSAGES, { message: { content: 'Hello', media_type: 'text/plain', severity: 'info' } });
    const shown = await messages();
    expect(shown).toEqual([
      { ...message, uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      { uuid: expect.any(String), content: 'Hello', media_type: 'text/plain', severity: 'info' },
    ]);

    const removed = await admin.delete(`/api/v1/message/${shown[0]?.uuid ?? ''}`);
    expect([removed.status, removed.text]).toEqual([204, '']);
    expect((await messages()).map(({ content }) => content)).toEqual(['Hello']);
    expect((await admin.delete(`/api/v1/message/${shown[0]?.uuid ?? ''}`)).status).toBe(204);
    expect((await admin.delete('/api/v1/message/never-there')).status).toBe(204);
  });

  it('are still there after a restart', async () => {
    await registry.restart();
    expect((await messages()).map(({ content }) => content)).toEqual(['Hello']);
  });

  it.each([
    [{}, "'message' is a required property"],
    [{ message: {} }, "'content' is a required property"],
    [{ message: 'Hello' }, "'Hello' is not of type 'object'"],
    [{ message: { ...message, content: 7 } }, "7 is not of type 'string'"],
    [{ message: { ...message, severity: 'bad' } }, "'bad' is not one of ['info', 'warning', 'error']"],
    [{ message: { ...message, media_type: 'text/html' } }, "'text/html' is not one of ['text/plain', 'text/markdown']"],
  ])('are whole: %j is not', async (body, told) => {
    expect((await admin.post(MESSAGES, body)).both).toEqual(detail(told));
  });

  it('are short, and text', async () => {
    const long = await admin.post(MESSAGES, { message: { ...message, content: 'x'.repeat(10_001) } });
    expect(long.both).toEqual([400, { message: 'A message must not be longer than 10000 characters' }]);
    const half = await admin.post(
      MESSAGES,
      '{"message": {"content": "\\ud800", "media_type": "text/plain", "severity": "info"}}',
    );
    expect(half.status).toBe(400);
  });

  it('are for superusers to publish and to remove', async () => {
    await registry.createUser('ada');
    const ada = await ApiClient.signedIn(registry, 'ada');
    expect((await ada.post(MESSAGES, { message })).both).toEqual([403, { message: FORBIDDEN }]);
    expect((await ada.delete('/api/v1/message/any')).both).toEqual([403, { message: FORBIDDEN }]);
    expect((await anybody.post(MESSAGES, { message })).both).toEqual([
      401,
      expect.objectContaining({ error_type: 'invalid_token' }),
    ]);
    const robot = await admin.put('/api/v1/user/robots/ci');
    expect(robot.status).toBe(201);
  });

  it('go on where there are no superusers, who alone could publish them', async () => {
    await registry.restart('SIGTERM', { FEATURE_SUPER_USERS: 'false' });
    expect((await messages()).map(({ content }) => content)).toEqual(['Hello']);
    expect((await admin.post(MESSAGES, { message })).both).toEqual([
      404,
      {
        message:
          'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
      },
    ]);
  });
});
