import Type, { type Static } from 'typebox';
import type { AccountDocument } from '../../../projections/accounts.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { Api } from '../api.js';
import { AvatarView } from '../shared/portraits.js';

/** Without quotas, which this registry does not know yet (contract: superuser §1). */
export const SuperuserUserView = Type.Object({
  kind: Type.Literal('user'),
  name: Type.String(),
  username: Type.String(),
  email: Type.String(),
  verified: Type.Boolean(),
  avatar: AvatarView,
  super_user: Type.Boolean(),
  global_readonly_super_user: Type.Boolean(),
  enabled: Type.Boolean(),
  encrypted_password: Type.Optional(Type.String()),
});
export type SuperuserUserView = Static<typeof SuperuserUserView>;

/** A user without an address shows something in its place that never changes (contract: accounts §1). */
export async function superuserUserView(
  account: AccountDocument,
  { identities, portraits, settings }: Pick<Api, 'identities' | 'portraits' | 'settings'>,
): Promise<SuperuserUserView> {
  const { superuser, readOnlySuperuser } = identities.callerOf(account);
  const email = (await portraits.emailOf(account)) ?? account.id;
  return {
    ...{ kind: 'user', name: account.name, username: account.name },
    email,
    verified: account.verified,
    avatar: settings.avatarOf('user', account.name, email),
    super_user: superuser,
    global_readonly_super_user: readOnlySuperuser,
    enabled: !account.disabled,
  };
}

export const SuperuserOrganizationView = Type.Object({
  name: Type.String(),
  email: Type.String(),
  avatar: AvatarView,
});

export const superuserOrganizationView = async (
  namespace: NamespaceDocument,
  { portraits }: Pick<Api, 'portraits'>,
): Promise<Static<typeof SuperuserOrganizationView>> => ({
  name: namespace.name,
  email: (await portraits.contactOf(namespace)) ?? '',
  avatar: await portraits.organization(namespace),
});
