import { describe, expect, it } from '@jest/globals';
import { LONG_AGO, specification } from '../../../test/support/decider.js';
import type { NamespaceEvent } from './events.js';
import {
  decideCreateNamespace,
  namespaceAggregate,
  NamespaceExists,
  type CreateNamespace,
  type Namespace,
} from './namespace.js';
import { noRobots } from './robotState.js';

const given = specification(namespaceAggregate);
const command: CreateNamespace = { name: 'org', kind: 'organization', owner: null, timeMachineSeconds: 1_209_600 };
const created: NamespaceEvent = { type: 'NamespaceCreated', data: command };
const deleted: NamespaceEvent = { type: 'NamespaceDeleted', data: {} };
const abandoned: NamespaceEvent = { type: 'CreationAbandoned', data: {} };
const create = (state: Namespace) => decideCreateNamespace(command, state);

const after = (...events: readonly NamespaceEvent[]): Namespace =>
  events.reduce<Namespace>(
    (state, event) => namespaceAggregate.evolve(state, { ...event, at: LONG_AGO }),
    namespaceAggregate.initial(),
  );

describe('creating a namespace', () => {
  it('tells its name, kind, owner and window', () => {
    given().when(create).then(created);
  });

  it.each<[string, NamespaceEvent[]]>([
    ['is there', [created]],
    ['was deleted', [created, deleted]],
    ['was given up by somebody who met its name', [abandoned]],
  ])('is refused where one %s', (_, events) => {
    given(...events)
      .when(create)
      .thenRefused(NamespaceExists);
  });
});

describe('the state of a namespace', () => {
  it('is what its events made of it', () => {
    expect(
      after(created, { type: 'TimeMachineWindowSet', data: { seconds: 0 } }, { type: 'NamespaceDisabled', data: {} }),
    ).toEqual({
      kind: 'active',
      name: 'org',
      type: 'organization',
      owner: null,
      timeMachineSeconds: 0,
      disabled: true,
      contactEmailHmac: null,
      lapsedClaims: 0,
      convertedFrom: null,
      robots: noRobots(),
    });
    expect(
      after(created, { type: 'NamespaceDisabled', data: {} }, { type: 'NamespaceEnabled', data: {} }),
    ).toMatchObject({ disabled: false });
  });

  it('is gone with its deletion, and never was after an abandoned creation', () => {
    expect(after(created, deleted, { type: 'NamespaceEnabled', data: {} })).toEqual({ kind: 'deleted' });
    expect(after(abandoned, { type: 'TimeMachineWindowSet', data: { seconds: 0 } })).toEqual({ kind: 'abandoned' });
  });
});
