import { decideTakeOwnership } from '../domain/registry/ownership.js';
import { REGISTRY_STREAM, registryAggregate } from '../domain/registry/registry.js';
import type { AccountId, NamespaceId } from '../domain/shared/ids.js';
import type { AccountLifeCommands } from './accountLife.js';
import type { CommandContext } from './context.js';
import type { OrganizationCommands } from './organizations.js';
import type { Streams } from './streams.js';

export type TakeOwnership = {
  readonly namespaceId: NamespaceId;
  /** Whose namespace it is, and his address, which stays with it; null: an organization's. */
  readonly person: { readonly accountId: AccountId; readonly email: string | null } | null;
  readonly newOwner: AccountId;
};

/** A superuser makes himself the owner of what somebody left. */
export class OwnershipCommands {
  constructor(
    private readonly deps: {
      readonly streams: Streams;
      readonly organizations: Pick<OrganizationCommands, 'takeOver'>;
      readonly accountLife: Pick<AccountLifeCommands, 'convert'>;
    },
  ) {}

  /** It is noted first, so that nothing is taken without a trace. */
  async take({ namespaceId, person, newOwner }: TakeOwnership, context: CommandContext): Promise<void> {
    const { streams, organizations, accountLife } = this.deps;
    await streams.decide(registryAggregate, REGISTRY_STREAM, context, () =>
      decideTakeOwnership({ namespaceId, wasUser: person !== null }),
    );
    if (person === null) return organizations.takeOver(namespaceId, newOwner, context);
    const { accountId, email } = person;
    return accountLife.convert(accountId, { administrator: newOwner, email }, context);
  }
}
