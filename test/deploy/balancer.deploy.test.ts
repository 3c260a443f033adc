import { once } from 'node:events';
import { Agent, request, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/load.js';
import { createFrontDoor, drain } from '../../src/http/server.js';
import { freePort } from '../support/ports.js';
import { startBalancer, type Balancer } from './balancer.js';
import { checkoutPath } from './checkout.js';
import { serviceNamed } from './composeFile.js';
import { until } from './until.js';

/** Not what the balancer says by itself. */
const UNABLE_RETRY_AFTER = '17';

/** An API node as its balancer knows it: the listener that ships, and whether it says that it takes requests. */
class Node {
  ready = true;
  /** Whether it can do nothing: it says so itself, in its own words. */
  unable = false;
  /** What came, but for looks at the health: method and the address that the balancer names. */
  readonly came: { readonly method: string; readonly forwardedFor: string | undefined }[] = [];
  #door: Server | undefined;

  constructor(
    readonly name: string,
    readonly port: number,
  ) {}

  async start(): Promise<void> {
    this.ready = true;
    const door = createFrontDoor({
      registry: (request, response) => {
        this.came.push({ method: request.method ?? '', forwardedFor: request.headers['x-forwarded-for']?.toString() });
        const { unable, name } = this;
        request.resume().once('end', () => {
          if (unable) response.writeHead(503, { 'retry-after': UNABLE_RETRY_AFTER }).end(`${name} is unable`);
          else response.end(name);
        });
      },
      application: (_request, response) => {
        response.writeHead(this.ready ? 200 : 503).end();
      },
    });
    this.#door = door;
    door.listen(this.port, '127.0.0.1');
    await once(door, 'listening');
  }

  /** As the program does on SIGTERM. */
  async stop(noticeMilliseconds = 0): Promise<void> {
    this.ready = false;
    if (this.#door) await drain(this.#door, { noticeMilliseconds, patienceMilliseconds: 10_000 });
    this.#door = undefined;
  }
}

const NOTICE_MILLISECONDS =
  loadConfig(serviceNamed('api-1').environment ?? {}, checkoutPath('deploy')).config.STOP_NOTICE.seconds * 1000;

type Answer = {
  readonly status: number | undefined;
  readonly body: string;
  readonly retryAfter: string | undefined;
};

let nodes: [Node, Node];
let balancer: Balancer | undefined;
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  nodes = [new Node('one', await freePort()), new Node('two', await freePort())];
  for (const node of nodes) await node.start();
  balancer = await startBalancer([nodes[0].port, nodes[1].port]);
});
afterAll(async () => {
  agent.destroy();
  await balancer?.stop();
  for (const node of nodes) await node.stop();
});

function ask(method: string, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: balancer?.port, path: '/v2/', method, agent }, (response) => {
      text(response).then((answer) => {
        resolve({ status: response.statusCode, body: answer, retryAfter: response.headers['retry-after'] });
      }, reject);
    });
    outgoing.once('error', reject).end(body);
  });
}

const isWell = async (): Promise<boolean> => (await fetch(balancer?.healthUrl ?? '')).status === 200;

/** Who answers a row of requests. */
async function answering(): Promise<string[]> {
  const answers = [];
  for (let count = 0; count < 10; count++) answers.push((await ask('GET')).body);
  return [...new Set(answers)].sort();
}

const bothAnswer = async (): Promise<boolean> => (await answering()).length === 2;

describe('the balancer', () => {
  it('asks both nodes and names the client', async () => {
    await until(bothAnswer);
    expect(nodes[0].came.at(-1)?.forwardedFor).toBe('127.0.0.1');
  });

  it('leaves alone who says that it takes no requests, and comes back to it', async () => {
    nodes[0].ready = false;
    await until(async () => (await answering()).join() === 'two');
    expect((await ask('POST', 'x')).body).toBe('two');
    nodes[0].ready = true;
    await until(bothAnswer);
  });

  it('is well while there is one node', async () => {
    nodes[0].ready = false;
    await until(async () => (await answering()).join() === 'two');
    expect(await isWell()).toBe(true);
    nodes[1].ready = false;
    await until(async () => !(await isWell()));
    // They know best what they still can.
    expect((await answering()).length).toBe(2);
    for (const node of nodes) node.unable = true;
    expect(await answering()).toEqual(['one is unable', 'two is unable']);
    expect(await ask('POST', 'x')).toMatchObject({ status: 503, retryAfter: UNABLE_RETRY_AFTER });
    for (const node of nodes) [node.ready, node.unable] = [true, false];
    await until(isWell);
    await until(bothAnswer);
  });

  it('says in the words of a registry that no node is there', async () => {
    for (const node of nodes) await node.stop();
    await until(async () => !(await isWell()));
    const { status, body, retryAfter } = await ask('GET');
    expect([status, retryAfter]).toEqual([503, '5']);
    expect(JSON.parse(body)).toMatchObject({ errors: [{ code: 'UNAVAILABLE', detail: {} }] });
    for (const node of nodes) await node.start();
    await until(isWell);
    await until(bothAnswer);
  });

  it('lets no client see that the nodes are restarted one after the other', async () => {
    const failures: unknown[] = [];
    let [asked, going] = [0, true];
    const client = async (method: string): Promise<void> => {
      while (going) {
        asked++;
        try {
          const { status } = await ask(method, method === 'GET' ? '' : 'x'.repeat(10_000));
          if (status !== 200) failures.push(`${method}: ${String(status)}`);
        } catch (error) {
          failures.push(error);
        }
      }
    };
    const clients = ['GET', 'GET', 'POST', 'PATCH', 'PUT'].map(client);
    try {
      for (const node of [...nodes, ...nodes]) {
        await node.stop(NOTICE_MILLISECONDS);
        const before = node.came.length;
        await node.start();
        await until(() => node.came.length > before, 10_000);
      }
    } finally {
      going = false;
      await Promise.all(clients);
    }
    expect(asked).toBeGreaterThan(100);
    expect(failures).toEqual([]);
  });
});
