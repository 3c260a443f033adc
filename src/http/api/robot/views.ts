import Type, { type Static } from 'typebox';
import type { Sealing } from '../../../commands/sealing.js';
import { robotName } from '../../../domain/namespace/robots.js';
import type { Timestamp } from '../../../domain/shared/time.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { GrantedRepository } from '../../../projections/repositories.js';
import type { RobotDocument } from '../../../projections/robots.js';
import { rfc2822 } from '../shared/dates.js';
import { AvatarView } from '../shared/portraits.js';

const Nullable = <Kind extends Parameters<typeof Type.Union>[0][number]>(kind: Kind) => Type.Union([kind, Type.Null()]);
const Metadata = Type.Object({}, { additionalProperties: true });

const shown = {
  name: Type.String(),
  created: Nullable(Type.String()),
  last_accessed: Nullable(Type.String()),
  description: Type.String(),
};

/** In lists: the token where the viewer may have it. */
const ListedRobotView = Type.Object({ ...shown, token: Type.Optional(Type.String()) });

const PermittedRobotView = Type.Object({
  ...ListedRobotView.properties,
  teams: Type.Array(Type.Object({ name: Type.String(), avatar: AvatarView })),
  repositories: Type.Array(Type.String()),
});

export const RobotListView = Type.Object({ robots: Type.Array(Type.Union([PermittedRobotView, ListedRobotView])) });

/** With a new token. */
export const RegeneratedRobotView = Type.Object({ ...shown, token: Type.String() });

export const NewRobotView = Type.Object({
  ...RegeneratedRobotView.properties,
  unstructured_metadata: Nullable(Metadata),
});

export const RobotView = Type.Object({ ...ListedRobotView.properties, unstructured_metadata: Metadata });

export const RobotPermissionsView = Type.Object({
  permissions: Type.Array(
    Type.Object({
      repository: Type.Object({ name: Type.String(), is_public: Type.Boolean() }),
      role: Type.Enum(['read', 'write', 'admin']),
    }),
  ),
});

export const FederationView = Type.Array(Type.Object({ issuer: Type.String(), subject: Type.String() }));

type Shown = { readonly [member in keyof typeof shown]: Static<(typeof shown)[member]> };

/** What everybody who sees a robot at all sees of it. */
export const robotShown = (
  { shortName, created, description }: RobotDocument,
  namespace: Pick<NamespaceDocument, 'name'>,
  lastAccessed: Timestamp | null,
): Shown => ({
  name: robotName(namespace.name, shortName),
  created: rfc2822(created),
  last_accessed: rfc2822(lastAccessed),
  description,
});

/** The token in clear; nothing of a namespace whose key was destroyed, which is on its way out. */
export const tokenOf = async ({ token, tokenEvent }: RobotDocument, sealing: Pick<Sealing, 'open'>): Promise<string> =>
  (await sealing.open(token, `${tokenEvent}/token`)) ?? '';

export const permissionsView = (grants: readonly GrantedRepository[]): Static<typeof RobotPermissionsView> => ({
  permissions: grants.map(({ repository: { name, visibility }, role }) => ({
    repository: { name, is_public: visibility === 'public' },
    role,
  })),
});
