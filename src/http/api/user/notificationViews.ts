import Type, { type Static } from 'typebox';
import { inviteUrn } from '../../../domain/organization/invite/code.js';
import type { JsonObject } from '../../../domain/shared/json.js';
import type { NotificationKind } from '../../../projections/notifications.js';
import type { SeenNotification } from '../../../projections/notificationQueries.js';
import type { Queries } from '../../../projections/queries.js';
import { epochSeconds, rfc2822 } from '../shared/dates.js';

export const NotificationView = Type.Object({
  id: Type.String(),
  organization: Type.Union([Type.String(), Type.Null()]),
  kind: Type.String(),
  created: Type.String(),
  metadata: Type.Object({}, { additionalProperties: true }),
  dismissed: Type.Boolean(),
});
export type NotificationView = Static<typeof NotificationView>;

/** What the web UI makes a sentence of (contract: accounts §4); undefined if what it was about is gone. */
type MetadataOf = (about: JsonObject, queries: Queries) => Promise<JsonObject | undefined>;

const text = (about: JsonObject, name: string): string => {
  const value = about[name];
  return typeof value === 'string' ? value : '';
};

const metadata: Readonly<Record<NotificationKind, MetadataOf>> = {
  org_team_invite: async (about, { accounts, namespaces, organizations }) => {
    const [organization, inviter, [team]] = await Promise.all([
      namespaces.byId(text(about, 'namespaceId')),
      accounts.byId(text(about, 'inviter')),
      organizations.teamsById([text(about, 'teamId')]),
    ]);
    if (!organization || !team) return undefined;
    const code = inviteUrn(text(about, 'inviteId'));
    return { code, inviter: inviter?.name ?? '', org: organization.name, team: team.name };
  },
  assigned_authorization: async (about, { accounts }) => {
    const account = await accounts.byId(text(about, 'accountId'));
    return account && { username: account.name };
  },
  service_key_submitted: async (about, { serviceKeys }) => {
    const key = await serviceKeys.byId(text(about, 'kid'));
    if (!key) return undefined;
    return {
      ...{ name: key.name, kid: key.kid, service: key.service, jwk: key.jwk, metadata: key.metadata },
      created_date: epochSeconds(key.created),
      ...(key.expires === null ? {} : { expiration_date: epochSeconds(key.expires) }),
    };
  },
};

export async function viewOfNotification(
  { id, kind, target, at, about, dismissed }: SeenNotification,
  queries: Queries,
): Promise<NotificationView | undefined> {
  const shown = await metadata[kind](about, queries);
  if (!shown) return undefined;
  const [, namespaceId] = /^organization:(.+)$/.exec(target) ?? [];
  const organization = namespaceId === undefined ? undefined : await queries.namespaces.byId(namespaceId);
  return {
    id,
    kind,
    organization: organization?.name ?? null,
    created: rfc2822(at),
    metadata: { ...shown },
    dismissed,
  };
}
