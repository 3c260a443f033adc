import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { Toxiproxy, type Line } from './toxiproxy.js';

const network = await Toxiproxy.start();

if (network) {
  describe('lines to engines', () => {
    let server: Server;
    let line: Line;
    const open = new Set<Socket>();
    /** The server's ends of the connections, newest first. */
    const sockets: Socket[] = [];

    /** What comes back of some bytes; the server answers with the same. */
    const echo = async (socket: Socket, bytes: string): Promise<string> => {
      socket.write(bytes);
      const [data] = (await once(socket, 'data')) as [Buffer];
      return data.toString();
    };
    const connected = async (): Promise<Socket> => {
      const socket = connect(line.port, line.hostname);
      open.add(socket);
      await once(socket, 'connect');
      return socket;
    };

    beforeAll(async () => {
      server = createServer((socket) => {
        sockets.unshift(socket);
        // What becomes of a connection is what the tests look at, from its other end.
        socket.on('error', () => socket.destroy());
        socket.pipe(socket);
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      line = await network.to({ hostname: '127.0.0.1', port: (server.address() as AddressInfo).port });
    });
    afterEach(async () => {
      for (const socket of open) socket.destroy();
      open.clear();
      await line.heal();
    });
    afterAll(async () => {
      await network.stop();
      server.close();
    });

    it('passes everything on at first', async () => {
      expect(await echo(await connected(), 'hello')).toBe('hello');
      const url = line.through(new URL('http://key:secret@engine:9000/bucket?region=here'));
      expect(url.href).toBe(`http://key:secret@${line.host}/bucket?region=here`);
    });

    it('ends connections and takes none when it is cut, and is the same line when it is healed', async () => {
      const socket = await connected();
      await echo(socket, 'hello');
      const ended = once(socket, 'close');
      await line.cut();
      await ended;
      await expect(connected()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      await line.heal();
      expect(await echo(await connected(), 'again')).toBe('again');
    });

    it('resets connections, and ends those that were open before', async () => {
      const open = await connected();
      await echo(open, 'hello');
      await line.reset();
      const ended = once(open, 'end');
      open.write('lost');
      await ended;
      await expect(echo(await connected(), 'lost')).rejects.toMatchObject({ code: 'ECONNRESET' });
      await line.heal();
      expect(await echo(await connected(), 'again')).toBe('again');
    });

    it('makes bytes late', async () => {
      const socket = await connected();
      await line.delay(50, 0, ['down']);
      const begun = performance.now();
      expect(await echo(socket, 'hello')).toBe('hello');
      expect(performance.now() - begun).toBeGreaterThan(45);
    });

    it('lets nothing pass while it is silent, and ends what was when it is healed', async () => {
      const socket = await connected();
      await echo(socket, 'hello');
      await line.silence(['down']);
      let heard = '';
      socket.on('data', (data: Buffer) => (heard += data.toString()));
      const answered = once(sockets[0] ?? server, 'data');
      socket.write('lost');
      await answered;
      const ended = once(socket, 'end');
      await line.heal();
      await ended;
      expect(heard).toBe('');
    });

    it('resets a connection in the middle of what it carries', async () => {
      await line.breakAfter(100_000, ['down']);
      const socket = await connected();
      let heard = 0;
      socket.on('data', (data: Buffer) => (heard += data.byteLength));
      const broken = once(socket, 'close');
      socket.write(Buffer.alloc(1_000_000));
      await expect(broken).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(heard).toBeLessThanOrEqual(100_000);
    });

    it('slows a connection down', async () => {
      await line.limit(100, ['down']);
      const socket = await connected();
      const begun = performance.now();
      let heard = 0;
      const whole = new Promise<void>((resolve) => {
        socket.on('data', (data: Buffer) => {
          heard += data.byteLength;
          if (heard === 20_000) resolve();
        });
      });
      socket.write(Buffer.alloc(20_000));
      await whole;
      // 200 ms at that speed.
      expect(performance.now() - begun).toBeGreaterThan(100);
    });
  });
} else {
  it.skip('lines to engines: toxiproxy is not there', () => undefined);
}
