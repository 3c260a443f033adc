import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { connectMongo } from '../../src/adapters/mongodb/client.js';
import { localhost } from '../support/smtpServer.js';
import { mongoEngine } from './mongodb.js';

const engine = await mongoEngine();
const through = engine?.through;

if (engine && through) {
  describe('MongoDB behind TLS, of an authority that nobody knows', () => {
    const sockets = new Set<Socket>();
    let folder: string;
    let server: Server;
    let address: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'tidemark-mongo-tls-'));
      await writeFile(join(folder, 'ca.pem'), localhost.cert);
      const { hostname, port } = new URL(engine.connection.replace('mongodb://', 'http://'));
      server = createServer(localhost, (outside) => {
        const inside = connect(Number(port), hostname);
        outside.pipe(inside).pipe(outside);
        for (const [socket, other] of [[outside, inside] as const, [inside, outside] as const]) {
          sockets.add(socket);
          socket.once('error', () => other.destroy());
          socket.once('close', () => other.destroy());
        }
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port: own } = server.address() as AddressInfo;
      address = `${through(`localhost:${own}`)}&tls=true`;
    });
    afterAll(async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await rm(folder, { recursive: true });
    });

    const connected = async (connection: string, authorities?: readonly string[]): Promise<unknown> => {
      const client = await connectMongo(connection, authorities);
      try {
        return (await client.db('admin').command({ ping: 1 }))['ok'];
      } finally {
        await client.close();
      }
    };

    it('is trusted by the authorities that are given', async () => {
      expect(await connected(address, [localhost.cert])).toBe(1);
      await expect(connected(address)).rejects.toThrow(/self-signed/);
    });

    it('is trusted by a file that the connection string names, which overrules those', async () => {
      const file = encodeURIComponent(join(folder, 'ca.pem'));
      expect(await connected(`${address}&tlsCAFile=${file}`, [])).toBe(1);
      expect(await connected(`${address}&tlscafile=${file}`, [])).toBe(1);
    });
  });
} else {
  it.skip('MongoDB behind TLS: there is no server that is known by another address', () => undefined);
}

afterAll(() => engine?.stop());
