import type { AccountQueries } from './accounts.js';
import type { ApplicationQueries } from './applicationQueries.js';
import type { MessageQueries } from './messages.js';
import type { LabelQueries } from './labelQueries.js';
import type { ManifestQueries } from './manifestQueries.js';
import type { NamespaceQueries } from './namespaces.js';
import type { NotificationQueries } from './notificationQueries.js';
import type { OrganizationQueries } from './organizationQueries.js';
import type { PermissionQueries } from './permissions.js';
import type { RepositoryQueries } from './repositories.js';
import type { ActivityQueries } from './repositoryActivity.js';
import type { RepositoryListing } from './repositoryListing.js';
import type { RobotQueries } from './robots.js';
import type { SearchQueries } from './searchQueries.js';
import type { ServiceKeyQueries } from './serviceKeys.js';
import type { TagListing } from './tagListing.js';
import type { TagQueries } from './tagQueries.js';

/** The read models, to be asked. */
export type Queries = {
  readonly accounts: AccountQueries;
  readonly namespaces: NamespaceQueries;
  readonly notifications: NotificationQueries;
  readonly organizations: OrganizationQueries;
  readonly robots: RobotQueries;
  readonly repositories: RepositoryQueries;
  readonly repositoryListing: RepositoryListing;
  readonly repositoryActivity: ActivityQueries;
  readonly permissions: PermissionQueries;
  readonly tags: TagQueries;
  readonly tagListing: TagListing;
  readonly manifests: ManifestQueries;
  readonly labels: LabelQueries;
  readonly applications: ApplicationQueries;
  readonly search: SearchQueries;
  readonly messages: MessageQueries;
  readonly serviceKeys: ServiceKeyQueries;
};
