import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { Acme, done } from '../support/acme.js';
import { ApiClient } from '../support/apiClient.js';
import { closeConnections } from '../support/v2client.js';
import { accounts } from './matrix/accounts.js';
import { instance } from './matrix/instance.js';
import { organizations } from './matrix/organizations.js';
import { fresh, ORGANIZATION } from './matrix/preparations.js';
import { repositories } from './matrix/repositories.js';
import type { Row } from './matrix/table.js';
import { sendersOf, WHO, type Send, type Who } from './matrix/who.js';

const rows: readonly Row[] = [...accounts, ...organizations, ...repositories, ...instance];

let acme: Acme;
let senders: { readonly [who in Who]: Send };

beforeAll(async () => {
  acme = await Acme.open({ FEATURE_REPO_MIRROR: 'true' });
  const path = `${ORGANIZATION}/applications/${acme.ids.clientId}/tokens`;
  const answer = await done(acme.people.owner.post(path, { name: 'weak', scope: 'user:read' }));
  senders = sendersOf(acme, answer.json<{ token: string }>().token);
});
afterAll(async () => {
  closeConnections();
  await acme.close();
});

/** Somebody who signed in for one call, if who calls signs in at all. */
async function alone(who: Who): Promise<Send> {
  if (who === 'robot' || who === 'token') return senders[who];
  if (who === 'anonymous') return (method, path, request) => new ApiClient(acme.registry).send(method, path, request);
  const name = fresh('alone');
  await acme.registry.createUser(name, { email: `${name}@example.org` });
  const client = await ApiClient.signedIn(acme.registry, name);
  const headers = who === 'forged' ? { 'X-CSRF-Token': 'guessed' } : {};
  return (method, path, request) => client.send(method, path, { ...request, headers });
}

/** One call, with all that it needs. */
async function call(row: Row, who: Who): Promise<number> {
  const values: Record<string, string> = { who, ...acme.ids };
  for (const [name, prepare] of Object.entries(row.prepare ?? {})) values[name] = await prepare(acme, who);
  const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  const send = row.alone ? await alone(who) : senders[who];
  const body: unknown = row.body === undefined ? undefined : JSON.parse(filled(JSON.stringify(row.body)));
  const { status } = await send(row.method, filled(row.path), body === undefined ? {} : { body });
  return status;
}

describe('every operation', () => {
  it('has a row here, and every row is an operation', async () => {
    const { paths } = (await acme.people.anonymous.get('/api/v1/openapi.json')).json<{
      paths: Record<string, Record<string, { operationId: string }>>;
    }>();
    const served = Object.values(paths).flatMap((methods) => Object.values(methods).map((each) => each.operationId));
    expect(rows.map(({ operation }) => operation).sort()).toEqual(served.sort());
  });

  it.each(rows)('answers each caller as the contract says: $operation', async (row) => {
    const expected: Partial<Record<Who, number>> = {};
    const answered: Partial<Record<Who, number>> = {};
    for (const who of WHO.filter((each) => row.never?.[each] === undefined)) {
      const wanted = row.except?.[who] ?? row.rule[who];
      expected[who] = wanted === 'ok' ? row.ok : wanted;
      answered[who] = await call(row, who);
    }
    expect(answered).toEqual(expected);
  });
});
