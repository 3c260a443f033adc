import fc from 'fast-check';
import type { RepositoryState, Role, Visibility } from '../../src/domain/repository/events.js';
import { applicationStep, type ApplicationStep } from './applications.js';
import { manifests } from '../model/universe.js';
import { step as repositoryStep, type Step } from '../model/steps.js';
import { ownStep, type OwnStep } from './ownSteps.js';
import { registryStep, type RegistryStep } from './registrySteps.js';

/** People, each with a namespace in which the same names are used. */
export const people = ['ada', 'bob', 'eve'] as const;
export type Person = (typeof people)[number];

/** Where something happens: deleted and created again, it is another repository. */
export type Place = { readonly person: Person; readonly name: 'app' | 'base' };

/** Robots that people make and delete under the same names again and again. */
export type Robot = 'ci' | 'mirror';
const robotActs = ['create', 'regenerate', 'delete', 'trust', 'distrust', 'grant'] as const;
export type RobotAct = (typeof robotActs)[number];

/** What happens in a registry, as data. What cannot happen at its time is refused, as it would be to a client. */
export type Happening =
  | { readonly kind: 'in repository'; readonly place: Place; readonly step: Step }
  | { readonly kind: 'create'; readonly place: Place }
  | { readonly kind: 'delete'; readonly place: Place }
  | { readonly kind: 'set visibility'; readonly place: Place; readonly visibility: Visibility }
  | { readonly kind: 'set mirror state'; readonly place: Place; readonly state: RepositoryState }
  | { readonly kind: 'describe'; readonly place: Place; readonly description: string }
  | { readonly kind: 'label'; readonly place: Place; readonly manifest: string; readonly remove: boolean }
  | { readonly kind: 'grant'; readonly place: Place; readonly to: Person; readonly role: Role }
  | { readonly kind: 'revoke'; readonly place: Place; readonly from: Person }
  | { readonly kind: 'robot'; readonly person: Person; readonly robot: Robot; readonly act: RobotAct }
  | { readonly kind: 'pull'; readonly place: Place; readonly times: number }
  | { readonly kind: 'register'; readonly person: Person }
  | { readonly kind: 'rename'; readonly person: Person; readonly name: string }
  | { readonly kind: 'convert account'; readonly person: Person; readonly to: Person }
  | { readonly kind: 'delete account'; readonly person: Person }
  | { readonly kind: 'change password'; readonly person: Person }
  | { readonly kind: 'disable'; readonly person: Person; readonly disabled: boolean }
  | { readonly kind: 'make superuser'; readonly person: Person; readonly superuser: boolean }
  | { readonly kind: 'own'; readonly person: Person; readonly step: OwnStep }
  | { readonly kind: 'disable namespace'; readonly person: Person; readonly disabled: boolean }
  | { readonly kind: 'in applications'; readonly person: Person; readonly step: ApplicationStep }
  | { readonly kind: 'in the registry'; readonly step: RegistryStep }
  | { readonly kind: 'set window'; readonly person: Person; readonly seconds: number };

const person = fc.constantFrom(...people);
/** Most happens in one place, so that much happens there. */
const place: fc.Arbitrary<Place> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Place>({ person: 'ada', name: 'app' }) },
  { weight: 2, arbitrary: fc.record({ person, name: fc.constantFrom('app' as const, 'base' as const) }) },
);
const disabled = fc.constantFrom(true, false, false);

const kinds: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<Happening>])[] = [
  [90, fc.record({ kind: fc.constant('in repository'), place, step: repositoryStep })],
  [6, fc.record({ kind: fc.constant('create'), place })],
  [1, fc.record({ kind: fc.constant('delete'), place })],
  [2, fc.record({ kind: fc.constant('set visibility'), place, visibility: fc.constantFrom('public', 'private') })],
  [
    1,
    fc.record({ kind: fc.constant('set mirror state'), place, state: fc.constantFrom('MIRROR', 'NORMAL', 'NORMAL') }),
  ],
  [2, fc.record({ kind: fc.constant('describe'), place, description: fc.constantFrom('', 'What it is for') })],
  [
    4,
    fc.record({
      ...{ kind: fc.constant('label' as const), place, remove: fc.boolean() },
      manifest: fc.constantFrom(...manifests.map(({ name }) => name)),
    }),
  ],
  [4, fc.record({ kind: fc.constant('grant'), place, to: person, role: fc.constantFrom('read', 'write', 'admin') })],
  [2, fc.record({ kind: fc.constant('revoke'), place, from: person })],
  [
    6,
    fc.record({
      ...{
        kind: fc.constant('robot'),
        person,
        robot: fc.constantFrom('ci', 'mirror'),
        act: fc.constantFrom(...robotActs),
      },
    }),
  ],
  [3, fc.record({ kind: fc.constant('pull'), place, times: fc.integer({ min: 1, max: 3 }) })],
  [2, fc.record({ kind: fc.constant('register'), person })],
  [1, fc.record({ kind: fc.constant('rename'), person, name: fc.constantFrom('ada', 'bob', 'other') })],
  [1, fc.record({ kind: fc.constant('convert account'), person, to: person })],
  [1, fc.record({ kind: fc.constant('delete account'), person })],
  [2, fc.record({ kind: fc.constant('change password'), person })],
  [2, fc.record({ kind: fc.constant('disable'), person, disabled })],
  [2, fc.record({ kind: fc.constant('make superuser'), person, superuser: fc.boolean() })],
  [10, fc.record({ kind: fc.constant('own'), person, step: ownStep })],
  [1, fc.record({ kind: fc.constant('disable namespace'), person, disabled })],
  [9, fc.record({ kind: fc.constant('in applications'), person, step: applicationStep })],
  [6, fc.record({ kind: fc.constant('in the registry'), step: registryStep })],
  [1, fc.record({ kind: fc.constant('set window'), person, seconds: fc.constantFrom(0, 86_400) })],
];

const happening = fc.oneof(...kinds.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** What happens, and how many seconds pass afterwards. */
export type Moment = { readonly happening: Happening; readonly seconds: number };

export const moment: fc.Arbitrary<Moment> = fc.record({ happening, seconds: fc.constantFrom(0, 0, 0.001, 1, 7, 31) });
