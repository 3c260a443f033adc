import Type, { type Static } from 'typebox';
import type { Profile } from '../../../commands/profiles.js';
import { may, type NamespaceFacts, type Subject } from '../../../domain/access.js';
import type { AccountDocument } from '../../../projections/accounts.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { Api } from '../api.js';
import { AvatarView } from '../shared/portraits.js';

const Text = Type.String();
const MaybeText = Type.Union([Type.String(), Type.Null()]);
const Flag = Type.Boolean();

const UserOrganizationView = Type.Object({
  name: Text,
  avatar: AvatarView,
  can_create_repo: Flag,
  public: Flag,
  is_org_admin: Type.Optional(Flag),
  preferred_namespace: Type.Optional(Flag),
});

/** What of a person is shown (contract: accounts §1, "User view"). Further members only to whoever may see them. */
export const UserView = Type.Object({
  anonymous: Flag,
  username: Text,
  avatar: AvatarView,
  can_create_repo: Type.Optional(Flag),
  is_me: Type.Optional(Flag),
  verified: Type.Optional(Flag),
  email: Type.Optional(Text),
  logins: Type.Optional(
    Type.Array(Type.Object({ service: Text, service_identifier: Text, metadata: Type.Object({}) })),
  ),
  invoice_email: Type.Optional(Flag),
  invoice_email_address: Type.Optional(MaybeText),
  preferred_namespace: Type.Optional(Flag),
  is_free_account: Type.Optional(Flag),
  tag_expiration_s: Type.Optional(Type.Integer()),
  prompts: Type.Optional(Type.Array(Type.Enum(['confirm_username', 'enter_name', 'enter_company']))),
  company: Type.Optional(MaybeText),
  family_name: Type.Optional(MaybeText),
  given_name: Type.Optional(MaybeText),
  location: Type.Optional(MaybeText),
  has_password_set: Type.Optional(Flag),
  organizations: Type.Optional(Type.Array(UserOrganizationView)),
  super_user: Type.Optional(Flag),
  global_readonly_super_user: Type.Optional(Flag),
});
export type UserView = Static<typeof UserView>;
type UserOrganizationView = Static<typeof UserOrganizationView>;

type Viewing = Pick<Api, 'settings' | 'directory' | 'portraits' | 'queries' | 'sealing'>;

/** @param subject who looks */
export async function viewOfUser(api: Viewing, account: AccountDocument, subject: Subject): Promise<UserView> {
  const { caller, reach } = subject;
  const isHe = caller.kind === 'user' && caller.id === account.id;
  return {
    ...{ anonymous: false, username: account.name, avatar: await api.portraits.user(account) },
    ...(isHe && reach.user === 'admin' ? await ownView(api, account) : {}),
    ...(isHe && reach.user !== undefined ? { organizations: await organizationsOf(api, account, subject) } : {}),
    ...(may(subject, { on: 'instance', to: 'administer' }, api.directory.policy) ? { super_user: isHe } : {}),
    ...(caller.kind === 'user' && caller.readOnlySuperuser ? { global_readonly_super_user: isHe } : {}),
  };
}

/** What only he himself sees. Nothing is paid for here, so every account is a free one. */
async function ownView({ settings, portraits, queries, sealing }: Viewing, account: AccountDocument) {
  const namespace = await queries.namespaces.byId(account.namespaceId);
  return {
    ...{ can_create_repo: true, is_me: true, verified: account.verified, logins: [] },
    email: (await portraits.emailOf(account)) ?? account.id,
    invoice_email: namespace?.invoiceEmail ?? false,
    invoice_email_address: namespace ? await invoiceAddressOf(sealing, namespace) : null,
    ...{ preferred_namespace: false, is_free_account: true },
    tag_expiration_s: namespace?.timeMachineSeconds ?? settings.timeMachineSeconds,
    prompts: promptsOf(settings, account),
    ...(await profileOf(sealing, account)),
    has_password_set: account.passwordHash !== null,
  };
}

/** What he is asked for when he comes next. */
export const promptsOf = (
  settings: Viewing['settings'],
  { profileEvent }: Pick<AccountDocument, 'profileEvent'>,
): ('enter_name' | 'enter_company')[] =>
  settings.isOn('USER_METADATA') && profileEvent === null ? ['enter_name', 'enter_company'] : [];

const NO_PROFILE: Profile = { given_name: null, family_name: null, company: null, location: null };

export async function profileOf(
  sealing: Viewing['sealing'],
  { profile, profileEvent }: Pick<AccountDocument, 'profile' | 'profileEvent'>,
): Promise<Profile> {
  const text = profile && profileEvent !== null ? await sealing.open(profile, `${profileEvent}/profile`) : null;
  // What is sealed there was a profile when it was sealed.
  return text === null ? NO_PROFILE : (JSON.parse(text) as Profile);
}

export const invoiceAddressOf = async (
  sealing: Viewing['sealing'],
  { invoiceEmailAddress: address, invoiceEmailAddressEvent: event }: NamespaceDocument,
): Promise<string | null> => (address && event !== null ? sealing.open(address, `${event}/invoiceEmailAddress`) : null);

/** Those that he belongs to, and those that are in everybody's list (PUBLIC_NAMESPACES). */
async function organizationsOf(
  api: Viewing,
  account: AccountDocument,
  subject: Subject,
): Promise<UserOrganizationView[]> {
  const { directory, queries, settings } = api;
  const memberships = await queries.organizations.membershipsOf(`user:${account.id}`);
  const ids = [...new Set(memberships.map(({ namespaceId }) => namespaceId))];
  const own = await queries.namespaces.byIds(ids);
  const open = await Promise.all(settings.people.publicNamespaces.map((name) => directory.namespace(name)));
  const byName = new Map([...own, ...open].flatMap((found) => (found ? [[found.name, found] as const] : [])));
  const sorted = [...byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  return Promise.all(
    sorted.map(async (namespace) => {
      const facts = await directory.namespaceFacts(subject.caller, namespace);
      return viewOfOrganization(api, namespace, facts, subject);
    }),
  );
}

async function viewOfOrganization(
  { directory, portraits, settings }: Viewing,
  namespace: NamespaceDocument,
  there: NamespaceFacts,
  subject: Subject,
): Promise<UserOrganizationView> {
  const allowed = (to: 'create-repository' | 'administer') =>
    may(subject, { on: 'namespace', to, there }, directory.policy);
  return {
    name: namespace.name,
    avatar: await portraits.organization(namespace),
    can_create_repo: allowed('create-repository'),
    public: settings.people.publicNamespaces.includes(namespace.name),
    ...(subject.reach.user === 'admin' ? { is_org_admin: allowed('administer'), preferred_namespace: false } : {}),
  };
}
