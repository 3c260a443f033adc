import { rmSync, statSync } from 'node:fs';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { Server } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { quickFolder } from '../../test/support/world.js';
import type { ContentsReport } from '../commands/verifyContents.js';
import { START } from '../domain/shared/ids.js';
import type { Administration, Progressed } from './administration.js';
import { adminSocketPath, connectAdministration, openAdminSocket } from './adminSocket.js';

const nothing: Administration = {
  createUser: () => Promise.reject(new Error('not here')),
  projectionStates: () => Promise.reject(new Error('not here')),
  rebuild: () => Promise.reject(new Error('not here')),
  verifyProjections: () => Promise.reject(new Error('not here')),
  verifyContents: () => Promise.reject(new Error('not here')),
};

const report: ContentsReport = {
  ...{ contents: 1, bytes: 1, damaged: 0, mended: 0, unreadable: 0 },
  ...{ findings: [], brokenOff: null },
};

/** Work that goes on until it is told how it ends; its caller's signal ends it, too. */
class Work {
  readonly #begun = Promise.withResolvers<AbortSignal>();
  readonly #ended = Promise.withResolvers<undefined>();
  /** With the signal that it was given. */
  readonly begun = this.#begun.promise;

  readonly act = async (signal: AbortSignal | undefined): Promise<never> => {
    if (!signal) throw new Error('nobody could end it');
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
    this.#begun.resolve(signal);
    try {
      return await aborted;
    } finally {
      this.#ended.resolve(undefined);
    }
  };

  get ended(): Promise<undefined> {
    return this.#ended.promise;
  }
}

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

  const calling = (name: string): ClientRequest => {
    const outgoing = request({ socketPath: adminSocketPath(folder), path: `/${name}`, method: 'POST' });
    outgoing.end('{}');
    return outgoing;
  };
  const answering = (outgoing: ClientRequest): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => outgoing.once('response', resolve).once('error', reject));
  const linesOf = async (response: IncomingMessage): Promise<unknown[]> => {
    const lines: unknown[] = [];
    for await (const text of createInterface({ input: response })) lines.push(JSON.parse(text));
    return lines;
  };

  it.each(['verify-contents', 'verify-projections', 'rebuild'])(
    'ends what a caller asked for when he goes away before he has his answer: %s',
    async (name) => {
      const work = new Work();
      const socket = await openAdminSocket(folder, {
        ...nothing,
        verifyContents: (_, signal) => work.act(signal),
        verifyProjections: (_, signal) => work.act(signal),
        rebuild: (_name, _, signal) => work.act(signal),
      });
      const outgoing = calling(name);
      const broken = new Promise((resolve) => outgoing.once('error', resolve));
      const signal = await work.begun;
      expect(signal.aborted).toBe(false);
      outgoing.destroy(new Error('interrupted'));
      await broken;
      await work.ended;
      expect(signal.reason).toEqual(new Error('the caller has gone away'));
      await socket.close();
    },
  );

  it('ends what is under way when it is closed itself', async () => {
    const work = new Work();
    const socket = await openAdminSocket(folder, { ...nothing, verifyContents: (_, signal) => work.act(signal) });
    const outgoing = calling('verify-contents');
    const broken = new Promise((resolve) => outgoing.once('error', resolve));
    await work.begun;
    await socket.close();
    await work.ended;
    await broken;
  });

  it('ends nothing of a caller who has had his answer', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const socket = await openAdminSocket(folder, {
      ...nothing,
      verifyContents: (_, signal) => {
        signals.push(signal);
        return Promise.resolve(report);
      },
    });
    const outgoing = calling('verify-contents');
    const response = await answering(outgoing);
    const over = new Promise((resolve) => response.once('close', resolve));
    expect(await linesOf(response)).toEqual([{ result: report }]);
    await over;
    await socket.close();
    expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
  });

  it('tells at most ten times a second how far it is, and at last what it came to', async () => {
    let now = 0;
    const socket = await openAdminSocket(
      folder,
      {
        ...nothing,
        projectionStates: () => Promise.resolve({ end: START, lanes: [] }),
        verifyContents: (progressed) => {
          for (let done = 1; done <= 1_000; done++) {
            now += 1;
            progressed(done, 1_005);
          }
          return Promise.resolve(report);
        },
      },
      () => now,
    );
    const told: number[] = [];
    const administration = await connectAdministration(folder);
    expect(await administration?.verifyContents((done) => told.push(done))).toEqual(report);
    expect(told).toEqual([1, 101, 201, 301, 401, 501, 601, 701, 801, 901, 1_000]);
    await socket.close();
  });

  it('leaves out what a caller who is halted does not take, and answers when he goes on', async () => {
    const TOLD = 200_000;
    let now = 0;
    const telling = async (progressed: Progressed): Promise<ContentsReport> => {
      for (let done = 1; done <= TOLD; done++) {
        now += 1_000;
        progressed(done, TOLD);
        // What is taken is taken meanwhile.
        if (done % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      all.resolve(undefined);
      return report;
    };
    const all = Promise.withResolvers<undefined>();
    const socket = await openAdminSocket(folder, { ...nothing, verifyContents: telling }, () => now);
    // Nobody reads from it until all was told.
    const response = await answering(calling('verify-contents'));
    await all.promise;
    const lines = await linesOf(response);
    expect(lines.length).toBeLessThan(TOLD / 2);
    expect(lines.slice(-2)).toEqual([{ done: TOLD, total: TOLD }, { result: report }]);
    await socket.close();
  });
});
