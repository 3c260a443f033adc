import Type, { type Static } from 'typebox';
import type { Sealing } from '../../../commands/sealing.js';
import type { Timestamp } from '../../../domain/shared/time.js';
import type { ApplicationDocument, ApplicationTokenDocument } from '../../../projections/applications.js';
import { isoMicroseconds } from '../shared/dates.js';

const Nullable = <Kind extends Parameters<typeof Type.Union>[0][number]>(kind: Kind) => Type.Union([kind, Type.Null()]);

export const ApplicationView = Type.Object({
  name: Type.String(),
  description: Type.String(),
  application_uri: Type.String(),
  client_id: Type.String(),
  client_secret: Nullable(Type.String()),
  redirect_uri: Nullable(Type.String()),
  avatar_email: Nullable(Type.String()),
});

/** @param whole whether the viewer administers the organization: only he sees the secret, and where users are sent */
export async function applicationView(
  application: ApplicationDocument,
  whole: boolean,
  sealing: Pick<Sealing, 'open'>,
): Promise<Static<typeof ApplicationView>> {
  const { clientId, name, description, applicationUri, redirectUri } = application;
  const { secret, secretEvent, avatarEmail, avatarEvent } = application;
  const email = whole && avatarEmail !== null ? await sealing.open(avatarEmail, `${avatarEvent}/avatarEmail`) : null;
  return {
    ...{ name, description, application_uri: applicationUri, client_id: clientId },
    client_secret: whole ? await sealing.open(secret, `${secretEvent}/secret`) : null,
    redirect_uri: whole ? redirectUri : null,
    avatar_email: email,
  };
}

export const TokenView = Type.Object({
  uuid: Type.String(),
  name: Nullable(Type.String()),
  scope: Type.String(),
  expires_at: Nullable(Type.String()),
  created: Nullable(Type.String()),
  created_by: Nullable(Type.String()),
  last_accessed: Nullable(Type.String()),
});

export const NewTokenView = Type.Object({ ...TokenView.properties, token: Type.String() });

type Shown = Pick<ApplicationTokenDocument, 'id' | 'name' | 'scope' | 'expires' | 'created'>;

/** @param createdBy user name, null of somebody who is gone */
export const tokenView = (
  { id, name, scope, expires, created }: Shown,
  createdBy: string | null,
  lastAccessed: Timestamp | null,
): Static<typeof TokenView> => ({
  ...{ uuid: id, name, scope, expires_at: isoMicroseconds(expires), created: isoMicroseconds(created) },
  created_by: createdBy,
  last_accessed: isoMicroseconds(lastAccessed),
});
