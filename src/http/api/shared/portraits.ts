import Type from 'typebox';
import type { Sealing } from '../../../commands/sealing.js';
import type { AccountDocument } from '../../../projections/accounts.js';
import type { ApplicationDocument } from '../../../projections/applications.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { Avatar, AvatarOf } from './avatars.js';

export const AvatarView = Type.Object({
  name: Type.String(),
  hash: Type.String(),
  color: Type.String(),
  kind: Type.Enum(['user', 'robot', 'org', 'team', 'app']),
});

/** The avatars of whom this registry knows: the same seed for the same one in every answer (contract: conventions §10). */
export class Portraits {
  constructor(
    private readonly avatarOf: AvatarOf,
    private readonly sealing: Pick<Sealing, 'open'>,
  ) {}

  /** Without an address it is made of the id, so that it does not change with the name. */
  async user(account: Pick<AccountDocument, 'id' | 'name' | 'email' | 'emailEvent'>): Promise<Avatar> {
    return this.avatarOf('user', account.name, (await this.emailOf(account)) ?? account.id);
  }

  /** @param name `<namespace>+<short name>` */
  robot({ id, name }: { readonly id: string; readonly name: string }): Avatar {
    return this.avatarOf('robot', name, id);
  }

  /** @param kind `user` where the organization itself is shown: there the contract has it so (conventions §10) */
  async organization(
    namespace: Pick<NamespaceDocument, 'name' | 'contactEmail' | 'contactEmailEvent'>,
    kind: 'org' | 'user' = 'org',
  ): Promise<Avatar> {
    return this.avatarOf(kind, namespace.name, await this.contactOf(namespace));
  }

  /** Made of its own address, else of its organization's. */
  async application(
    { name, avatarEmail, avatarEvent }: Pick<ApplicationDocument, 'name' | 'avatarEmail' | 'avatarEvent'>,
    namespace: Pick<NamespaceDocument, 'name' | 'contactEmail' | 'contactEmailEvent'>,
  ): Promise<Avatar> {
    const own = avatarEmail && (await this.sealing.open(avatarEmail, `${avatarEvent}/avatarEmail`));
    return this.avatarOf('app', name, own ?? (await this.contactOf(namespace)));
  }

  team({ name }: { readonly name: string }): Avatar {
    return this.avatarOf('team', name);
  }

  /** Somebody of whom only the address is known, as who was invited by it. */
  address(email: string): Avatar {
    return this.avatarOf('user', email, email);
  }

  /** The address of an account; null for none, or one that was erased. */
  async emailOf({ email, emailEvent }: Pick<AccountDocument, 'email' | 'emailEvent'>): Promise<string | null> {
    return email && emailEvent !== null ? this.sealing.open(email, `${emailEvent}/email`) : null;
  }

  /** The address of an organization. */
  async contactOf({
    contactEmail,
    contactEmailEvent,
  }: Pick<NamespaceDocument, 'contactEmail' | 'contactEmailEvent'>): Promise<string | null> {
    return contactEmail && contactEmailEvent !== null
      ? this.sealing.open(contactEmail, `${contactEmailEvent}/email`)
      : null;
  }
}
