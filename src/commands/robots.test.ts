import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { context, World } from '../../test/support/world.js';
import { RobotMetadataInvalid } from '../domain/namespace/robotMetadata.js';
import { decideCreateNamespace, namespaceAggregate, NamespaceUnknown } from '../domain/namespace/namespace.js';
import { RobotExists, RobotsDisallowed, RobotUnknown } from '../domain/namespace/robots.js';
import { RepositoryUnknown } from '../domain/repository/errors.js';
import type { NamespaceId, RepositoryId } from '../domain/shared/ids.js';
import { isJsonObject, type JsonObject } from '../domain/shared/json.js';
import { parseRobotShortName } from '../domain/shared/namespaceName.js';
import { RobotCommands, type NewRobot } from './robots.js';
import { namespaceSubject } from './sealing.js';
import { namespaceStream } from './streamNames.js';
import type { Streams } from './streams.js';

describe('robots', () => {
  let world: World;
  let streams: Streams;
  let ci: NewRobot;
  let tests = 0;
  let [forgotten, revoked]: [string[], string[]] = [[], []];

  beforeAll(async () => {
    world = await World.open();
    streams = world.streams();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    [forgotten, revoked] = [[], []];
    const namespaceId = `space-${++tests}` as NamespaceId;
    ci = { namespaceId, shortName: parseRobotShortName('ci'), description: 'builds', metadata: null };
    await streams.decide(namespaceAggregate, namespaceStream(namespaceId), context(), (state) =>
      decideCreateNamespace({ name: 'org', kind: 'organization', owner: null, timeMachineSeconds: 0 }, state),
    );
  });

  const commands = (on: Streams = streams, allowed: (name: string) => boolean = () => true): RobotCommands =>
    new RobotCommands({
      ...{ streams: on, sealing: world.sealing, ids: world.ids, allowed },
      organizations: {
        forget: ({ id }) => {
          forgotten.push(id);
          return Promise.resolve();
        },
      },
      repositories: {
        revoke: (repository, { id }) => {
          revoked.push(`${repository} ${id}`);
          return repository === 'gone' ? Promise.reject(new RepositoryUnknown()) : Promise.resolve();
        },
      },
      grantedIn: async function* () {
        await Promise.resolve();
        yield* ['gone' as RepositoryId, 'app' as RepositoryId];
      },
    });
  const eventsOf = async (type: string) => {
    const found: { readonly id: string; readonly data: JsonObject }[] = [];
    for await (const event of world.stores.events.read(namespaceStream(ci.namespaceId))) {
      if (event.type === type) found.push(event);
    }
    return found;
  };
  /** The token in clear, as who may see it sees it. */
  const tokenIn = async (event: { readonly id: string; readonly data: JsonObject } | undefined) => {
    const sealed = event?.data['token'];
    if (!isJsonObject(sealed) || typeof sealed['subject'] !== 'string' || typeof sealed['box'] !== 'string')
      return null;
    return world.sealing.open({ subject: sealed['subject'], box: sealed['box'] }, `${event?.id ?? ''}/token`);
  };

  it('have a token of 64 capitals and digits, sealed with the key of the namespace', async () => {
    await commands().create(ci, context());
    const [event] = await eventsOf('RobotCreated');
    expect(event?.data['token']).toMatchObject({ subject: namespaceSubject(ci.namespaceId) });
    const token = await tokenIn(event);
    expect(token).toMatch(/^[A-Z0-9]{64}$/);
    expect(JSON.stringify(event)).not.toContain(token);
  });

  it('get another token when theirs is regenerated', async () => {
    await commands().create(ci, context());
    await commands().regenerateToken(ci, context());
    const [created, [regenerated]] = [await eventsOf('RobotCreated'), await eventsOf('RobotTokenRegenerated')];
    expect(regenerated?.data).toMatchObject({ generation: 2 });
    expect(await tokenIn(regenerated)).not.toBe(await tokenIn(created[0]));
  });

  it('are one of a name, however many make it at the same time in two processes', async () => {
    const [one, other] = [commands(), commands(world.streams())];
    const made = await Promise.allSettled(
      Array.from({ length: 20 }, (_, number) => (number % 2 === 0 ? one : other).create(ci, context())),
    );
    expect(made.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    const refused = made.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    expect(refused.filter((reason) => !(reason instanceof RobotExists))).toEqual([]);
  });

  it('never have the id of one that was deleted', async () => {
    const first = await commands().create(ci, context());
    await commands().delete(ci, context());
    expect(await commands().create(ci, context())).not.toBe(first);
  });

  it('go with all that they were given', async () => {
    const id = await commands().create(ci, context());
    await commands().delete(ci, context());
    expect([forgotten, revoked]).toEqual([[id], [`gone ${id}`, `app ${id}`]]);
    await expect(commands().delete(ci, context())).rejects.toThrow(RobotUnknown);
    expect(forgotten).toEqual([id]);
  });

  it('cannot be addressed by a name that is none', async () => {
    const nobody = { namespaceId: ci.namespaceId, shortName: 'No+Robot' };
    await expect(commands().regenerateToken(nobody, context())).rejects.toThrow(RobotUnknown);
    await expect(commands().delete(nobody, context())).rejects.toThrow(RobotUnknown);
    await expect(commands().setFederation(nobody, [], context())).rejects.toThrow(RobotUnknown);
  });

  it('are not made where they are disallowed, but those that are exempt', async () => {
    const disallowed = commands(streams, (name) => name === 'org+mirror');
    await expect(disallowed.create(ci, context())).rejects.toThrow(RobotsDisallowed);
    await disallowed.create({ ...ci, shortName: parseRobotShortName('mirror') }, context());
    expect((await eventsOf('RobotCreated')).map(({ data }) => data['shortName'])).toEqual(['mirror']);
  });

  it.each<[string, JsonObject]>([
    ['holds half of a character', { note: '\ud800' }],
    ['names something by half of a character', { inner: { '\udc00': 1 } }],
    ['is too long', { note: 'x'.repeat(16_384) }],
    ['is too deep', Array.from({ length: 40 }).reduce<JsonObject>((inner) => ({ inner }), {})],
  ])('cannot be noted about: what %s', async (_, metadata) => {
    await expect(commands().create({ ...ci, metadata }, context())).rejects.toThrow(RobotMetadataInvalid);
  });

  it('belong to a namespace: without one there is no robot and no key', async () => {
    const nowhere = `nowhere-${tests}` as NamespaceId;
    await expect(commands().create({ ...ci, namespaceId: nowhere }, context())).rejects.toThrow(NamespaceUnknown);
    expect(await world.stores.keys.get(namespaceSubject(nowhere))).toBeUndefined();
  });

  it('cannot be made while the key of their namespace is destroyed', async () => {
    await world.stores.keys.destroy(namespaceSubject(ci.namespaceId));
    await expect(commands().create(ci, context())).rejects.toThrow(NamespaceUnknown);
  });
});
