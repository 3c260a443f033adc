import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { pino } from 'pino';
import { systemContext } from '../../commands/context.js';
import type { AccountId, NamespaceId } from '../../domain/shared/ids.js';
import { createApplication } from '../application.js';
import { accountDocument } from '../../../test/support/accountDocument.js';
import { EncryptedPasswords } from '../auth/encryptedPassword.js';
import { Sessions } from '../auth/sessions.js';
import { SetupSecret } from '../auth/setupSecret.js';
import { clientAddresses } from '../clientAddress.js';
import { initializeRoutes } from './initialize.js';

const unasked = () => Promise.reject(new Error('nobody asked for a token'));

it.each([
  ['the address that a proxy forwards, where it is trusted', ['127.0.0.0/8'], '192.0.2.7'],
  ['the address of the peer, where that is no proxy', ['10.0.0.0/8'], '127.0.0.1'],
])('the first account is recorded with %s', async (_what, trusted, address) => {
  const addresses: (string | null)[] = [];
  const routes = initializeRoutes({
    commands: {
      register: (_command, { ip }) => {
        addresses.push(ip);
        return Promise.resolve({ accountId: 'account' as AccountId, namespaceId: 'namespace' as NamespaceId });
      },
    },
    applications: { register: unasked, issueToken: unasked },
    accounts: { isEmpty: () => Promise.resolve(true), byId: (id) => Promise.resolve(accountDocument(id)) },
    sessions: new Sessions({
      key: Buffer.alloc(32),
      lifetimeSeconds: 60,
      permanent: true,
      secure: false,
      now: Date.now,
    }),
    enabled: true,
    setup: new SetupSecret({ ensureSecret: (_name, make) => make() }),
    encrypted: new EncryptedPasswords(Buffer.alloc(32)),
    timeMachineSeconds: 0,
    addressOf: clientAddresses(trusted),
    context: (ip, userAgent) => ({ ...systemContext('api', 'test'), ip, userAgent }),
  });
  const metrics = () => Promise.resolve({ contentType: 'text/plain', body: '' });
  const server = createServer(
    createApplication({ api: [], routes: [routes], root: 'http://localhost', log: pino({ enabled: false }), metrics }),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/user/initialize`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': '192.0.2.7' },
      body: JSON.stringify({ username: 'admin', password: 'long-enough' }),
    });
    expect(answer.status).toBe(200);
    expect(addresses).toEqual([address]);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
