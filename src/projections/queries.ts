import type { AccountQueries } from './accounts.js';
import type { ApplicationQueries } from './applicationQueries.js';
import type { ManifestQueries } from './manifests.js';
import type { MessageQueries } from './messages.js';
import type { NamespaceQueries } from './namespaces.js';
import type { OrganizationQueries } from './organizationQueries.js';
import type { RepositoryQueries } from './repositories.js';
import type { RobotQueries } from './robots.js';
import type { SearchQueries } from './searchQueries.js';
import type { ServiceKeyQueries } from './serviceKeys.js';
import type { TagQueries } from './tags.js';

/** The read models, to be asked. */
export type Queries = {
  readonly accounts: AccountQueries;
  readonly namespaces: NamespaceQueries;
  readonly organizations: OrganizationQueries;
  readonly robots: RobotQueries;
  readonly repositories: RepositoryQueries;
  readonly tags: TagQueries;
  readonly manifests: ManifestQueries;
  readonly applications: ApplicationQueries;
  readonly search: SearchQueries;
  readonly messages: MessageQueries;
  readonly serviceKeys: ServiceKeyQueries;
};
