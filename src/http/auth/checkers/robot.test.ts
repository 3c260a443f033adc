import { beforeEach, describe, expect, it } from '@jest/globals';
import { accountDocument } from '../../../../test/support/accountDocument.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { RobotDocument } from '../../../projections/robots.js';
import { LoginFailed } from '../login.js';
import { RobotPasses } from '../robotPasses.js';
import { RobotChecker } from './robot.js';

const TOKEN = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const NOW = new Date();

const robotDocument = (changes: Partial<RobotDocument> = {}): RobotDocument => ({
  ...{ id: 'robot-1', namespaceId: 'org', shortName: 'ci', description: '', metadata: null },
  ...{ token: { subject: 'namespace:org', box: TOKEN }, tokenEvent: 'event', tokenGeneration: 1 },
  ...{ federation: [], federationRevision: 0, generation: 1 },
  // Read models hold such texts.
  created: NOW.toISOString() as RobotDocument['created'],
  ...changes,
});

describe('tokens of robots', () => {
  let robot: RobotDocument | undefined;
  let namespace: Pick<NamespaceDocument, 'id' | 'name' | 'owner' | 'disabled'>;
  let owner: { readonly disabled: boolean } | undefined;
  let [allowed, erased] = [true, false];
  let opened: string[];
  let passes: RobotPasses;
  let checker: RobotChecker;

  beforeEach(() => {
    robot = robotDocument();
    namespace = { id: 'org', name: 'org', owner: null, disabled: false };
    [owner, allowed, erased, opened] = [undefined, true, false, []];
    passes = new RobotPasses(Buffer.alloc(32, 7), 'registry.example.com');
    checker = new RobotChecker({
      namespaces: {
        byName: (name) => Promise.resolve(name === 'org' ? ({ ...namespace } as NamespaceDocument) : undefined),
      },
      robots: { byName: (_, shortName) => Promise.resolve(shortName === 'ci' ? robot : undefined) },
      accounts: { byId: (id) => Promise.resolve(owner && accountDocument(id, owner)) },
      // Not sealed at all: tests open it by looking at it.
      sealing: {
        seal: (subject, _, box) => Promise.resolve({ subject, box }),
        open: ({ box }, binding) => {
          opened.push(binding);
          return Promise.resolve(erased ? null : box);
        },
      },
      allowed: () => allowed,
      passes,
    });
  });

  const refusal = (name: string, secret: string): Promise<unknown> =>
    checker.check(name, secret).then(
      () => 'let in',
      (error: unknown) => error,
    );
  const failed = (message: string): LoginFailed => new LoginFailed(message);
  const WRONG = 'Could not find robot with username: org+ci and supplied password.';

  it('are the credential of the robot, in its present generation', async () => {
    robot = robotDocument({ generation: 4 });
    expect(await checker.check('org+ci', TOKEN)).toEqual({
      credential: { kind: 'robot-token', id: 'robot-1' },
      generation: 4,
    });
  });

  it.each<[string, string]>([
    ['another', TOKEN.replace('A', 'B')],
    ['a part of it', TOKEN.slice(0, 63)],
    ['more than it', `${TOKEN}A`],
    ['none', ''],
  ])('are nothing else: %s', async (_, secret) => {
    expect(await refusal('org+ci', secret)).toEqual(failed(WRONG));
  });

  it('that nobody has are looked at in the same way', async () => {
    expect(await refusal('org+nobody', TOKEN)).toEqual(failed('Could not find robot with specified username'));
    expect(await refusal('nowhere+ci', TOKEN)).toEqual(failed('Could not find robot with specified username'));
    expect(opened).toEqual(['decoy', 'decoy']);
  });

  it('that nobody has cannot be guessed by knowing what is compared instead', async () => {
    expect(await refusal('org+nobody', '')).toBeInstanceOf(LoginFailed);
  });

  it('whose key was destroyed let nobody in', async () => {
    erased = true;
    expect(await refusal('org+ci', TOKEN)).toEqual(failed(WRONG));
    expect(await refusal('org+ci', '')).toEqual(failed(WRONG));
  });

  it('are refused where robots are disallowed, whatever they are', async () => {
    allowed = false;
    const message = 'Robot accounts have been disabled. Please contact your administrator.';
    expect(await refusal('org+ci', TOKEN)).toEqual(failed(message));
    expect(await refusal('org+nobody', 'guess')).toEqual(failed(message));
  });

  it('that are wrong do not keep out those that are right', async () => {
    for (const guess of ['one', 'two', 'three']) expect(await refusal('org+ci', guess)).toEqual(failed(WRONG));
    expect(await refusal('org+ci', TOKEN)).toBe('let in');
  });

  describe('tell who has them, and nobody else,', () => {
    const message = 'Robot org+ci owner org is disabled';

    it('that the namespace is disabled', async () => {
      namespace = { ...namespace, disabled: true };
      expect(await refusal('org+ci', TOKEN)).toEqual(failed(message));
      expect(await refusal('org+ci', 'guess')).toEqual(failed(WRONG));
    });

    it.each([{ disabled: true }, undefined])('that whose namespace it is cannot act: %p', async (account) => {
      namespace = { ...namespace, owner: 'ada' };
      owner = account;
      expect(await refusal('org+ci', TOKEN)).toEqual(failed(message));
      owner = { disabled: false };
      expect(await refusal('org+ci', TOKEN)).toBe('let in');
    });
  });

  describe('for an hour (passes)', () => {
    const pass = (of: { robotId?: string; generation?: number } = {}, at = NOW): Promise<string> =>
      passes.issue({ robotId: 'robot-1', generation: 1, ...of }, 'org+ci', at);

    it('are as good as the token', async () => {
      expect(await checker.check('org+ci', await pass())).toMatchObject({ generation: 1 });
    });

    it('serve one robot', async () => {
      expect(await refusal('org+ci', await pass({ robotId: 'robot-2' }))).toEqual(failed('Token does not match robot'));
    });

    it.each<[string, () => Promise<string>]>([
      ['of an older token', () => pass({ generation: 0 })],
      ['that ran out', () => pass({}, new Date(NOW.getTime() - 3_601_000))],
      ['that is not valid yet', () => pass({}, new Date(NOW.getTime() + 60_000))],
      ['of another registry', () => new RobotPasses(Buffer.alloc(32, 7), 'other').issue(PASS, 'org+ci', NOW)],
      ['signed with another key', () => new RobotPasses(Buffer.alloc(32, 8), HOST).issue(PASS, 'org+ci', NOW)],
      ['that is none', () => Promise.resolve('a.b.c')],
    ])('let nobody in with one %s', async (_, secret) => {
      expect(await refusal('org+ci', await secret())).toEqual(failed(WRONG));
    });
  });
});

const HOST = 'registry.example.com';
const PASS = { robotId: 'robot-1', generation: 1 };
