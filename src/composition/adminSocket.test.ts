import { rmSync, statSync } from 'node:fs';
import { Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { quickFolder } from '../../test/support/world.js';
import type { Administration } from './administration.js';
import { adminSocketPath, openAdminSocket } from './adminSocket.js';

const nothing: Administration = {
  createUser: () => Promise.reject(new Error('not here')),
  projectionStates: () => Promise.reject(new Error('not here')),
  rebuild: () => Promise.reject(new Error('not here')),
  verifyProjections: () => Promise.reject(new Error('not here')),
  verifyContents: () => Promise.reject(new Error('not here')),
};

describe('the admin socket', () => {
  let folder: string;
  beforeEach(() => {
    folder = quickFolder();
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is for its owner alone from the moment that it can be connected to, and other files are as before', async () => {
    const mask = 0o022;
    const before = process.umask(mask);
    const modes: number[] = [];
    const listen = Reflect.get(Server.prototype, 'listen') as (...args: unknown[]) => Server;
    jest.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...args: unknown[]) {
      const server = listen.apply(this, args);
      modes.push(statSync(adminSocketPath(folder)).mode & 0o777);
      return server;
    });
    const socket = await openAdminSocket(folder, nothing);
    await socket.close();
    expect(modes).toEqual([0o600]);
    expect(process.umask(before)).toBe(mask);
  });

  it('says so when its path is too long for a socket', async () => {
    const long = join(folder, 'x'.repeat(107));
    await expect(openAdminSocket(long, nothing)).rejects.toThrow(/DATA_PATH is too long.*107 bytes/);
    expect(adminSocketPath('x'.repeat(96))).toHaveLength(107);
    expect(() => adminSocketPath('x'.repeat(97))).toThrow('DATA_PATH');
  });
});
