import {
  decideRemoveDefaultPermission,
  decideSetDefaultPermission,
  decideSetDefaultRole,
} from '../domain/organization/defaultPermission/defaultPermissions.js';
import type { DefaultPermission } from '../domain/organization/defaultPermission/state.js';
import type { OrganizationEvent } from '../domain/organization/events.js';
import { organizationAggregate, type Organization } from '../domain/organization/organization.js';
import type { Role } from '../domain/repository/events.js';
import type { DefaultPermissionId, NamespaceId } from '../domain/shared/ids.js';
import type { Ids } from '../ports/clock.js';
import type { CommandContext } from './context.js';
import { organizationStream } from './streamNames.js';
import type { Streams } from './streams.js';

/** What new repositories of an organization grant from their beginning. */
export class DefaultPermissionCommands {
  constructor(private readonly deps: { readonly streams: Streams; readonly ids: Ids }) {}

  /** @throws TeamGone */
  async add(
    namespaceId: NamespaceId,
    permission: Omit<DefaultPermission, 'id'>,
    context: CommandContext,
  ): Promise<DefaultPermissionId> {
    const id = this.deps.ids.next() as DefaultPermissionId;
    await this.#decide(namespaceId, context, (state) => decideSetDefaultPermission({ id, ...permission }, state));
    return id;
  }

  /** @throws DefaultPermissionUnknown */
  async setRole(
    namespaceId: NamespaceId,
    command: { readonly permissionId: DefaultPermissionId; readonly role: Role },
    context: CommandContext,
  ): Promise<void> {
    await this.#decide(namespaceId, context, (state) => decideSetDefaultRole(command, state));
  }

  /** @throws DefaultPermissionUnknown */
  async remove(namespaceId: NamespaceId, id: DefaultPermissionId, context: CommandContext): Promise<void> {
    await this.#decide(namespaceId, context, (state) => decideRemoveDefaultPermission(id, state));
  }

  async #decide(
    id: NamespaceId,
    context: CommandContext,
    decide: (state: Organization) => OrganizationEvent[],
  ): Promise<void> {
    await this.deps.streams.decide(organizationAggregate, organizationStream(id), context, decide);
  }
}
