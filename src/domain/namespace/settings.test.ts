import { describe, it } from '@jest/globals';
import { specification } from '../../../test/support/decider.js';
import { testEventId } from '../../../test/support/testLog.js';
import type { NamespaceEvent } from './events.js';
import { namespaceAggregate, NamespaceUnknown, type Namespace } from './namespace.js';
import {
  ContactEmailChanged,
  decideSetContactEmail,
  decideSetInvoicing,
  decideSetTimeMachineWindow,
} from './settings.js';

const given = specification(namespaceAggregate);
const sealed = (box: string) => ({ subject: 'namespace:1', box });
const id = testEventId(1);
const created: NamespaceEvent = {
  type: 'NamespaceCreated',
  data: { name: 'org', kind: 'organization', owner: null, timeMachineSeconds: 0 },
};
const contact = (to: string | null, from: string | null): NamespaceEvent => ({
  id,
  type: 'ContactEmailSet',
  data: { email: to === null ? null : sealed(to), emailHmac: to, previous: from === null ? null : sealed(from) },
});
const setContact = (to: string | null, from: string | null) => (state: Namespace) =>
  decideSetContactEmail(
    {
      id,
      email: to === null ? null : sealed(to),
      emailHmac: to,
      previous: from === null ? null : sealed(from),
      previousHmac: from,
    },
    state,
  );

describe('the contact address of a namespace', () => {
  it('is set, changed and cleared, each time with the one before', () => {
    given(created).when(setContact('one', null)).then(contact('one', null));
    given(created, contact('one', null)).when(setContact('other', 'one')).then(contact('other', 'one'));
    given(created, contact('one', null)).when(setContact(null, 'one')).then(contact(null, 'one'));
  });

  it('is not changed by who knew another one', () => {
    given(created, contact('one', null)).when(setContact('other', null)).thenRefused(ContactEmailChanged);
    given(created, contact('one', null), contact(null, 'one'))
      .when(setContact('other', 'one'))
      .thenRefused(ContactEmailChanged);
  });

  it('needs a namespace', () => {
    given().when(setContact('one', null)).thenRefused(NamespaceUnknown);
  });
});

describe('invoices', () => {
  it('are sent by e-mail or not, and to an address', () => {
    given(created)
      .when((state) => decideSetInvoicing({ invoiceEmail: true }, state))
      .then({ type: 'InvoicingSet', data: { invoiceEmail: true } });
    given(created)
      .when((state) => decideSetInvoicing({ id, invoiceEmailAddress: sealed('box') }, state))
      .then({ id, type: 'InvoicingSet', data: { invoiceEmailAddress: sealed('box') } });
    given()
      .when((state) => decideSetInvoicing({ invoiceEmail: true }, state))
      .thenRefused(NamespaceUnknown);
  });
});

describe('the window of the time machine', () => {
  it('is set where it is another one', () => {
    given(created)
      .when((state) => decideSetTimeMachineWindow(60, state))
      .then({ type: 'TimeMachineWindowSet', data: { seconds: 60 } });
    given(created)
      .when((state) => decideSetTimeMachineWindow(0, state))
      .then();
    given()
      .when((state) => decideSetTimeMachineWindow(0, state))
      .thenRefused(NamespaceUnknown);
  });
});
