import fc from 'fast-check';
import { expect } from '@jest/globals';
import type { Core } from '../../src/composition/core.js';
import { REGISTRY_STREAM, registryAggregate } from '../../src/domain/registry/registry.js';
import type { AccountId } from '../../src/domain/shared/ids.js';
import { plusSeconds } from '../../src/domain/shared/time.js';
import { context } from '../support/world.js';

/** Keys that services submit and replace under the same ids again and again. */
type Kid = 'one' | 'two';

/** What superusers and services do to the registry itself. */
export type RegistryStep =
  | { readonly kind: 'publish' | 'remove message' | 'purge' }
  | { readonly kind: 'submit' | 'approve' | 'delete'; readonly kid: Kid }
  | { readonly kind: 'change'; readonly kid: Kid; readonly name: string; readonly seconds: number | null }
  | { readonly kind: 'rotate'; readonly kid: Kid; readonly signer: Kid };

const kid = fc.constantFrom<Kid>('one', 'two');

export const registryStep: fc.Arbitrary<RegistryStep> = fc.oneof(
  fc.record({
    kind: fc.constantFrom<'publish' | 'remove message' | 'purge'>('publish', 'publish', 'remove message', 'purge'),
  }),
  fc.record({
    kind: fc.constantFrom<'submit' | 'approve' | 'delete'>('submit', 'submit', 'approve', 'approve', 'delete'),
    kid,
  }),
  fc.record({
    kind: fc.constant<'change'>('change'),
    kid,
    name: fc.constantFrom('new', 'newer'),
    seconds: fc.constantFrom(5, null),
  }),
  fc.record({ kind: fc.constant<'rotate'>('rotate'), kid, signer: kid }),
);

const submitted = (id: Kid) => ({
  ...{ kid: id, jwk: { kty: 'RSA', n: id, e: 'AQAB', kid: id }, service: 'clair' },
  ...{ metadata: {}, expires: null, rotationSeconds: null },
});

export async function doInRegistry({ commands, queries, clock }: Core, step: RegistryStep): Promise<void> {
  const { messages, serviceKeys } = commands;
  switch (step.kind) {
    case 'publish':
      await messages.publish({ content: 'Hello', severity: 'info', mediaType: 'text/plain' }, context());
      return;
    case 'remove message': {
      const [first] = await queries.messages.all();
      return messages.remove(first?.id ?? 'none', context());
    }
    case 'purge':
      return serviceKeys.purge({ unapprovedSeconds: 20, expiredSeconds: 5 }, context());
    case 'submit':
      return serviceKeys.submit(submitted(step.kid), context());
    case 'approve': {
      const approval = { approvalType: 'Super User API', approver: 'ada' as AccountId, notes: 'fine' } as const;
      return serviceKeys.approve(step.kid, approval, context());
    }
    case 'delete':
      return serviceKeys.delete(step.kid, null, context());
    case 'change': {
      const expires = step.seconds === null ? null : plusSeconds(clock.now(), step.seconds);
      return serviceKeys.change({ kid: step.kid, name: step.name, expires }, context());
    }
    case 'rotate':
      return serviceKeys.rotate(submitted(step.kid), step.signer, context());
  }
}

/** Messages and keys are shown as the stream tells them. */
export async function expectRegistry({ streams, queries }: Core): Promise<void> {
  const { messages, serviceKeys } = await streams.load(registryAggregate, REGISTRY_STREAM);
  expect((await queries.messages.all()).map(({ id }) => id)).toEqual([...messages].sort());
  const shown = (await queries.serviceKeys.all()).map(({ approval, ...key }) => ({
    ...key,
    approved: approval !== null,
  }));
  const told = [...serviceKeys.values()];
  expect(shown.sort(byKid)).toMatchObject(told.sort(byKid));
  expect(shown).toHaveLength(told.length);
}

const byKid = (one: { readonly kid: string }, other: { readonly kid: string }): number =>
  one.kid < other.kid ? -1 : 1;
