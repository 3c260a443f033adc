import { describe, expect, it } from '@jest/globals';
import { LONG_AGO, specification } from '../../../test/support/decider.js';
import { testEventId } from '../../../test/support/testLog.js';
import type { RobotId } from '../shared/ids.js';
import { parseRobotShortName } from '../shared/namespaceName.js';
import type { FederatedIdentity, NamespaceEvent } from './events.js';
import { FederationInvalid, parseFederation } from './federation.js';
import { namespaceAggregate, NamespaceUnknown, type Namespace } from './namespace.js';
import {
  decideCreateRobot,
  decideDeleteRobot,
  decideRegenerateToken,
  decideSetFederation,
  RobotExists,
  RobotsDisallowed,
  RobotUnknown,
  type CreateRobot,
} from './robots.js';
import { robotNamed } from './robotState.js';

const given = specification(namespaceAggregate);
const [R1, R2] = ['robot-1' as RobotId, 'robot-2' as RobotId];
const sealed = (box: string) => ({ subject: 'namespace:1', box });
const identity: FederatedIdentity = { issuer: 'https://issuer.example.com', subject: 'system:builder' };

const created: NamespaceEvent = {
  type: 'NamespaceCreated',
  data: { name: 'org', kind: 'organization', owner: null, timeMachineSeconds: 0 },
};
const namespaceDeleted: NamespaceEvent = { type: 'NamespaceDeleted', data: {} };
const command: CreateRobot = {
  robotId: R1,
  shortName: parseRobotShortName('ci'),
  description: 'builds',
  metadata: { team: 'infra' },
  token: sealed('first'),
  eventId: testEventId(1),
  allowed: () => true,
};
const robotCreated = (robotId: RobotId = R1): NamespaceEvent => ({
  id: testEventId(1),
  type: 'RobotCreated',
  data: { robotId, shortName: 'ci', description: 'builds', metadata: { team: 'infra' }, token: sealed('first') },
});
const regenerated = (generation: number): NamespaceEvent => ({
  id: testEventId(2),
  type: 'RobotTokenRegenerated',
  data: { robotId: R1, token: sealed('second'), generation },
});
const robotDeleted = (robotId: RobotId = R1): NamespaceEvent => ({ type: 'RobotDeleted', data: { robotId } });
const federated = (...config: FederatedIdentity[]): NamespaceEvent => ({
  type: 'RobotFederationSet',
  data: { robotId: R1, config },
});
const create =
  (changes: Partial<CreateRobot> = {}) =>
  (state: Namespace) =>
    decideCreateRobot({ ...command, ...changes }, state);

const robotsAfter = (...events: readonly NamespaceEvent[]) => {
  const state = events.reduce<Namespace>(
    (namespace, event) => namespaceAggregate.evolve(namespace, { ...event, at: LONG_AGO }),
    namespaceAggregate.initial(),
  );
  return state.kind === 'active' ? robotNamed(state.robots, 'ci') : undefined;
};

describe('creating a robot', () => {
  it('tells what it is and its sealed token, bound to the event', () => {
    given(created).when(create()).then(robotCreated());
  });

  it('is refused while one of the name is there, by the name that clients use', () => {
    given(created, robotCreated())
      .when(create({ robotId: R2 }))
      .thenRefused(RobotExists, { name: 'org+ci' });
  });

  it('is possible again after the deletion of one: it is another robot', () => {
    given(created, robotCreated(), robotDeleted())
      .when(create({ robotId: R2 }))
      .then(robotCreated(R2));
  });

  it('is refused where robots are disallowed, unless this one is not', () => {
    const allowed = (name: string): boolean => name === 'org+mirror';
    given(created).when(create({ allowed })).thenRefused(RobotsDisallowed);
    const other = { ...command, shortName: parseRobotShortName('mirror') };
    given(created)
      .when((state) => decideCreateRobot({ ...other, allowed }, state).map(({ type }) => ({ type }) as NamespaceEvent))
      .then({ type: 'RobotCreated' } as NamespaceEvent);
  });

  it.each<[string, NamespaceEvent[]]>([
    ['was never', []],
    ['was deleted', [created, namespaceDeleted]],
  ])('needs a namespace: it %s', (_, events) => {
    given(...events)
      .when(create())
      .thenRefused(NamespaceUnknown);
  });
});

describe('regenerating a token', () => {
  const regenerate = (state: Namespace) =>
    decideRegenerateToken({ shortName: 'ci', token: sealed('second'), eventId: testEventId(2) }, state);

  it('is a new generation each time', () => {
    given(created, robotCreated()).when(regenerate).then(regenerated(2));
    given(created, robotCreated(), regenerated(2)).when(regenerate).then(regenerated(3));
  });

  it('needs a robot', () => {
    given(created).when(regenerate).thenRefused(RobotUnknown);
    given(created, robotCreated(), robotDeleted()).when(regenerate).thenRefused(RobotUnknown);
  });
});

describe('deleting a robot', () => {
  const remove = (state: Namespace) => decideDeleteRobot('ci', state);

  it('happens once', () => {
    given(created, robotCreated()).when(remove).then(robotDeleted());
    given(created, robotCreated(), robotDeleted()).when(remove).thenRefused(RobotUnknown);
  });

  it('means the present bearer of the name', () => {
    given(created, robotCreated(), robotDeleted(), robotCreated(R2)).when(remove).then(robotDeleted(R2));
  });
});

describe('whom a robot trusts', () => {
  const set =
    (...config: FederatedIdentity[]) =>
    (state: Namespace) =>
      decideSetFederation({ shortName: 'ci', config }, state);

  it('is set as a whole, and only when it changes', () => {
    given(created, robotCreated()).when(set(identity)).then(federated(identity));
    given(created, robotCreated(), federated(identity)).when(set(identity)).then();
    given(created, robotCreated(), federated(identity)).when(set()).then(federated());
    given(created, robotCreated()).when(set()).then();
  });

  it('needs a robot', () => {
    given(created).when(set(identity)).thenRefused(RobotUnknown);
  });

  it('is what a robot of the name inherits not', () => {
    expect(robotsAfter(created, robotCreated(), federated(identity), robotDeleted(), robotCreated(R2))).toEqual({
      ...{ id: R2, shortName: 'ci', generation: 1, federation: [] },
    });
  });

  it('keeps only issuer and subject', () => {
    expect(parseFederation([{ ...identity, ...{ audiences: ['x'] } }])).toEqual([identity]);
  });

  it.each<[string, FederatedIdentity[]]>([
    ['Missing one or more required fields (issuer, subject)', [{ issuer: '', subject: 'x' }]],
    ['Missing one or more required fields (issuer, subject)', [{ issuer: 'https://a.example', subject: '' }]],
    ['Issuer must be a URL (http:// or https://)', [{ issuer: 'issuer.example.com', subject: 'x' }]],
    ['Issuer must be a URL (http:// or https://)', [{ issuer: 'https://', subject: 'x' }]],
    ['Duplicate federation config entry', [identity, identity]],
    ['At most 100 entries are possible', Array.from({ length: 101 }, (_, n) => ({ ...identity, subject: `s${n}` }))],
    ['Issuer and subject must be at most 512 characters in length', [{ ...identity, subject: 'x'.repeat(513) }]],
  ])('is refused: %s', (message, config) => {
    expect(() => parseFederation(config)).toThrow(new FederationInvalid(message));
  });
});
