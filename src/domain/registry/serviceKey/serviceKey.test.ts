import { describe, expect, it } from '@jest/globals';
import { at, LONG_AGO, specification } from '../../../../test/support/decider.js';
import { testEventId } from '../../../../test/support/testLog.js';
import type { AccountId } from '../../shared/ids.js';
import { plusSeconds } from '../../shared/time.js';
import type { RegistryEvent } from '../events.js';
import { registryAggregate, type Registry } from '../registry.js';
import {
  ServiceKeyExists,
  ServiceKeyMetadataTooLarge,
  ServiceKeyNameInvalid,
  ServiceKeyUnknown,
  ServiceNameInvalid,
  SignerRefused,
  TooManyUnapprovedKeys,
} from './errors.js';
import type { ServiceKeyEvents } from './events.js';
import {
  decideApproveServiceKey,
  decideChangeServiceKey,
  decideCreateServiceKey,
  decideDeleteServiceKey,
  decidePurgeServiceKeys,
  decideRotateServiceKey,
  type ChangeServiceKey,
  type CreateServiceKey,
} from './serviceKey.js';

const given = specification(registryAggregate);

const NOW = plusSeconds(LONG_AGO, 1000);
const key: ServiceKeyEvents['ServiceKeyCreated'] = {
  kid: 'a',
  service: 'clair',
  name: 'Clair key',
  jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'a' },
  metadata: { team: 'one' },
  ip: null,
  expires: null,
  rotationSeconds: null,
};
const approval = { approvalType: 'Super User API', approver: 'u1' as AccountId, notes: 'fine' } as const;

const created = (changes: Partial<ServiceKeyEvents['ServiceKeyCreated']> = {}): RegistryEvent => ({
  id: testEventId(1),
  type: 'ServiceKeyCreated',
  data: { ...key, ...changes },
});
const approved = (kid = 'a'): RegistryEvent => ({ type: 'ServiceKeyApproved', data: { kid, ...approval } });
const deleted = (kid: string, signerKid: string | null = null): RegistryEvent => ({
  type: 'ServiceKeyDeleted',
  data: { kid, signerKid },
});

describe('a new service key', () => {
  const create =
    (changes: Partial<CreateServiceKey> = {}) =>
    (state: Registry): RegistryEvent[] =>
      decideCreateServiceKey({ id: testEventId(1), ...key, approval: null, ...changes }, state);

  it('waits for approval, or brings it along', () => {
    given().when(create()).then(created());
    given().when(create({ approval })).then(created(), approved());
  });

  it('may be submitted again and again without becoming another', () => {
    given(created())
      .when(create({ name: 'Other', metadata: {} }))
      .then();
  });

  it('does not take the id of another', () => {
    given(created())
      .when(create({ jwk: { kty: 'RSA', n: 'other', e: 'AQAB', kid: 'a' } }))
      .thenRefused(ServiceKeyExists);
    given(created())
      .when(create({ service: 'other' }))
      .thenRefused(ServiceKeyExists);
  });

  it.each(['Clair/production key-1:a_b', '', ' \t'])('may be called %j', (name) => {
    given().when(create({ name })).then(created({ name }));
  });

  it.each(['<b>', 'ключ', 'x'.repeat(256)])('is not called %j', (name) => {
    given().when(create({ name })).thenRefused(ServiceKeyNameInvalid);
  });

  it.each(['Clair', '', 'a-b', 'a b', 'x'.repeat(256)])('does not serve %j', (service) => {
    given().when(create({ service })).thenRefused(ServiceNameInvalid);
  });

  it('carries notes that an event can hold', () => {
    given()
      .when(create({ metadata: { note: 'x'.repeat(20_000) } }))
      .thenRefused(ServiceKeyMetadataTooLarge);
  });

  it('is refused while a thousand others wait; what is approved waits no more', () => {
    const waiting = Array.from({ length: 1000 }, (_, n) => created({ kid: `k${n}` }));
    given(...waiting)
      .when(create())
      .thenRefused(TooManyUnapprovedKeys);
    given(...waiting)
      .when(create({ approval }))
      .then(created(), approved());
    given(...waiting, approved('k1'))
      .when(create())
      .then(created());
  });
});

describe('approving a service key', () => {
  const approve = (state: Registry): RegistryEvent[] => decideApproveServiceKey({ kid: 'a', ...approval }, state);

  it('happens once', () => {
    given(created()).when(approve).then(approved());
    given(created(), approved()).when(approve).then();
  });

  it('needs one', () => {
    given().when(approve).thenRefused(ServiceKeyUnknown);
    given(created(), deleted('a')).when(approve).thenRefused(ServiceKeyUnknown);
  });
});

describe('changing a service key', () => {
  const change =
    (changes: Omit<ChangeServiceKey, 'kid'>) =>
    (state: Registry): RegistryEvent[] =>
      decideChangeServiceKey({ kid: 'a', ...changes }, state);
  const changed = (data: Omit<ServiceKeyEvents['ServiceKeyChanged'], 'kid'>): RegistryEvent => ({
    type: 'ServiceKeyChanged',
    data: { kid: 'a', ...data },
  });

  it('tells what is different, and notes as a whole', () => {
    given(created())
      .when(change({ name: 'New' }))
      .then(changed({ name: 'New' }));
    given(created())
      .when(change({ metadata: { more: 1 } }))
      .then(changed({ metadata: { team: 'one', more: 1 } }));
    given(created())
      .when(change({ expires: NOW }))
      .then(changed({ expires: NOW }));
    given(created({ expires: NOW }))
      .when(change({ expires: null }))
      .then(changed({ expires: null }));
  });

  it('goes on from what was changed before', () => {
    given(created(), changed({ metadata: { team: 'two' } }))
      .when(change({ metadata: { more: 1 } }))
      .then(changed({ metadata: { team: 'two', more: 1 } }));
  });

  it('is nothing where nothing differs', () => {
    given(created())
      .when(change({ name: 'Clair key', metadata: { team: 'one' }, expires: null }))
      .then();
    given(created()).when(change({})).then();
  });

  it('is refused for what a new key could not have, and without a key', () => {
    given(created())
      .when(change({ name: '<b>' }))
      .thenRefused(ServiceKeyNameInvalid);
    given(created())
      .when(change({ metadata: { note: 'x'.repeat(20_000) } }))
      .thenRefused(ServiceKeyMetadataTooLarge);
    given()
      .when(change({ name: 'New' }))
      .thenRefused(ServiceKeyUnknown);
  });
});

describe('rotating a service key', () => {
  const rotate = (state: Registry): RegistryEvent[] =>
    decideRotateServiceKey(
      {
        ...{ id: testEventId(2), service: 'clair', signerKid: 'a', kid: 'b', jwk: { ...key.jwk, kid: 'b' } },
        ...{ metadata: { added: true }, ip: null, expires: null, rotationSeconds: 60 },
      },
      state,
      NOW,
    );
  const rotated: RegistryEvent = {
    id: testEventId(2),
    type: 'ServiceKeyRotated',
    data: {
      ...{ kid: 'b', service: 'clair', name: 'Clair key', jwk: { ...key.jwk, kid: 'b' }, signerKid: 'a' },
      ...{ metadata: { team: 'one', added: true }, ip: null, expires: null, rotationSeconds: 60 },
    },
  };

  it('puts the new one, approved, in the place of the one that signed', () => {
    given(created(), approved()).when(rotate).then(rotated);
    given(created(), approved(), rotated)
      .when((state) => {
        expect([...state.serviceKeys.values()]).toMatchObject([{ kid: 'b', approved: true }]);
        return [];
      })
      .then();
  });

  it.each<[string, RegistryEvent[]]>([
    ['is unknown', []],
    ['is not approved', [created()]],
    ['has expired', [created({ expires: NOW }), approved()]],
    ['serves another', [created({ service: 'other' }), approved()]],
  ])('is refused where the key that signed %s', (_, events) => {
    given(...events)
      .when(rotate)
      .thenRefused(SignerRefused);
  });

  it('does not take the id of another', () => {
    given(created(), approved(), created({ kid: 'b' }))
      .when(rotate)
      .thenRefused(ServiceKeyExists);
  });
});

describe('deleting a service key', () => {
  const remove =
    (signerKid: string | null) =>
    (state: Registry): RegistryEvent[] =>
      decideDeleteServiceKey({ kid: 'a', signerKid }, state, NOW);

  it('is for superusers, the key itself, and approved keys of its service', () => {
    given(created()).when(remove(null)).then(deleted('a'));
    given(created()).when(remove('a')).then(deleted('a', 'a'));
    given(created(), created({ kid: 'b' }), approved('b'))
      .when(remove('b'))
      .then(deleted('a', 'b'));
  });

  it('is for nobody else', () => {
    given(created()).when(remove('b')).thenRefused(SignerRefused);
    given(created(), created({ kid: 'b' }))
      .when(remove('b'))
      .thenRefused(SignerRefused);
    given(created(), created({ kid: 'b', service: 'other' }), approved('b'))
      .when(remove('b'))
      .thenRefused(SignerRefused);
  });

  it('needs one', () => {
    given().when(remove(null)).thenRefused(ServiceKeyUnknown);
  });
});

describe('service keys whose time is over', () => {
  const purge = (state: Registry): RegistryEvent[] =>
    decidePurgeServiceKeys({ unapprovedSeconds: 100, expiredSeconds: 50 }, state, NOW);

  it('go if nobody approved them, or long after their end', () => {
    given(
      at(plusSeconds(NOW, -100), created({ kid: 'never approved' })),
      at(plusSeconds(NOW, -99), created({ kid: 'still waiting' })),
      created({ kid: 'approved' }),
      approved('approved'),
      created({ kid: 'expired', expires: plusSeconds(NOW, -50) }),
      approved('expired'),
      created({ kid: 'just expired', expires: plusSeconds(NOW, -49) }),
      approved('just expired'),
    )
      .when(purge)
      .then(deleted('never approved'), deleted('expired'));
  });
});
