import { describe, it } from '@jest/globals';
import { specification } from '../../../test/support/decider.js';
import type { AccountId } from '../shared/ids.js';
import type { NamespaceEvent } from './events.js';
import { namespaceAggregate, NamespaceUnknown, type Namespace } from './namespace.js';
import {
  decideConvertNamespace,
  decideDeleteNamespace,
  decideRenameNamespace,
  NameClaimLost,
  NamespaceIsOrganization,
} from './naming.js';

const given = specification(namespaceAggregate);
const created: NamespaceEvent = {
  type: 'NamespaceCreated',
  data: { name: 'ada', kind: 'user', owner: 'ada' as AccountId, timeMachineSeconds: 0 },
};
const renamed = (name: string): NamespaceEvent => ({ type: 'NamespaceRenamed', data: { name } });
const lapsed = (name: string): NamespaceEvent => ({ type: 'NameClaimLapsed', data: { name } });
const converted: NamespaceEvent = { type: 'NamespaceConverted', data: {} };
const deleted: NamespaceEvent = { type: 'NamespaceDeleted', data: {} };
const rename =
  (name: string, lapsedClaims = 0) =>
  (state: Namespace) =>
    decideRenameNamespace({ name, lapsedClaims }, state);

describe('renaming a namespace', () => {
  it('gives it the name that was claimed, once', () => {
    given(created).when(rename('lovelace')).then(renamed('lovelace'));
    given(created, renamed('lovelace')).when(rename('lovelace')).then();
    given(created, renamed('lovelace')).when(rename('ada')).then(renamed('ada'));
  });

  it('is refused where the claim was taken over meanwhile', () => {
    given(created, lapsed('lovelace')).when(rename('lovelace')).thenRefused(NameClaimLost, { name: 'lovelace' });
  });

  it('works with a claim that was made after an older one was taken over', () => {
    given(created, lapsed('lovelace')).when(rename('lovelace', 1)).then(renamed('lovelace'));
  });

  it('needs a namespace', () => {
    given().when(rename('lovelace')).thenRefused(NamespaceUnknown);
    given(created, deleted).when(rename('lovelace')).thenRefused(NamespaceUnknown);
  });
});

describe('converting a namespace to an organization', () => {
  it('happens once', () => {
    given(created).when(decideConvertNamespace).then(converted);
    given(created, converted).when(decideConvertNamespace).thenRefused(NamespaceIsOrganization);
    given(created, deleted).when(decideConvertNamespace).thenRefused(NamespaceUnknown);
  });
});

describe('deleting a namespace', () => {
  it('happens once', () => {
    given(created).when(decideDeleteNamespace).then(deleted);
    given(created, deleted).when(decideDeleteNamespace).thenRefused(NamespaceUnknown);
  });
});
