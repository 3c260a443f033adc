import type { DocumentStore } from '../ports/documentStore.js';
import { ApplicationQueries } from '../projections/applicationQueries.js';
import {
  applications,
  type ApplicationDocument,
  type ApplicationTokenDocument,
  type AssignmentDocument,
} from '../projections/applications.js';
import { accounts, AccountQueries } from '../projections/accounts.js';
import { OrganizationQueries } from '../projections/organizationQueries.js';
import { organizations } from '../projections/organizations.js';
import { MessageQueries, messages } from '../projections/messages.js';
import { LabelQueries } from '../projections/labelQueries.js';
import { manifestCollections, ManifestQueries } from '../projections/manifestQueries.js';
import { manifests } from '../projections/manifests.js';
import { namespaces, NamespaceQueries, type NamespaceDocument } from '../projections/namespaces.js';
import { NotificationQueries } from '../projections/notificationQueries.js';
import { notifications } from '../projections/notifications.js';
import { PermissionQueries } from '../projections/permissions.js';
import type { Projection } from '../projections/projection.js';
import type { Queries } from '../projections/queries.js';
import { laneSpec } from '../projections/projector.js';
import {
  repositories,
  RepositoryQueries,
  type PermissionDocument,
  type RepositoryDocument,
} from '../projections/repositories.js';
import { ActivityQueries, repositoryActivity } from '../projections/repositoryActivity.js';
import { RepositoryListing } from '../projections/repositoryListing.js';
import { robots, RobotQueries, type RobotDocument } from '../projections/robots.js';
import { search } from '../projections/search.js';
import { SearchQueries } from '../projections/searchQueries.js';
import { ServiceKeyQueries, serviceKeys } from '../projections/serviceKeys.js';
import { TagListing } from '../projections/tagListing.js';
import { tagCollections, TagQueries } from '../projections/tagQueries.js';
import { tags } from '../projections/tags.js';

/** Every read model there is. */
export const allProjections: readonly Projection[] = [
  accounts,
  namespaces,
  robots,
  organizations,
  repositories,
  tags,
  manifests,
  repositoryActivity,
  applications,
  search,
  messages,
  serviceKeys,
  notifications,
];

/** The queries over the active lanes; a collection follows its projection when another build becomes active. */
export async function openQueries(documents: DocumentStore): Promise<Queries> {
  const lane = (projection: Projection) => documents.active(laneSpec(projection));
  const account = await lane(accounts);
  const namespace = await lane(namespaces);
  const robot = await lane(robots);
  const organization = await lane(organizations);
  const repository = await lane(repositories);
  const tag = await lane(tags);
  const manifest = await lane(manifests);
  const active = await lane(repositoryActivity);
  const application = await lane(applications);
  const searched = await lane(search);
  const message = await lane(messages);
  const serviceKey = await lane(serviceKeys);
  const notification = await lane(notifications);
  const tagQueries = new TagQueries(tagCollections(tag));
  const namespaceQueries = new NamespaceQueries(namespace.collection<NamespaceDocument>('namespaces'));
  const queries = {
    messages: new MessageQueries(message.collection('messages')),
    serviceKeys: new ServiceKeyQueries(serviceKey.collection('serviceKeys')),
    notifications: new NotificationQueries(
      notification.collection('notifications'),
      notification.collection('dismissals'),
    ),
    accounts: new AccountQueries({
      accounts: account.collection('accounts'),
      appTokens: account.collection('appTokens'),
      stars: account.collection('stars'),
    }),
    namespaces: namespaceQueries,
    robots: new RobotQueries(robot.collection<RobotDocument>('robots'), namespaceQueries),
    organizations: new OrganizationQueries({
      organizations: organization.collection('organizations'),
      teams: organization.collection('teams'),
      members: organization.collection('members'),
      invites: organization.collection('invites'),
      defaultPermissions: organization.collection('defaultPermissions'),
    }),
    repositories: new RepositoryQueries(
      repository.collection<RepositoryDocument>('repositories'),
      repository.collection<PermissionDocument>('permissions'),
    ),
    repositoryListing: new RepositoryListing(
      repository.collection<RepositoryDocument>('repositories'),
      repository.collection<PermissionDocument>('permissions'),
    ),
    repositoryActivity: new ActivityQueries(active.collection('days')),
    tags: tagQueries,
    tagListing: new TagListing(tagCollections(tag), tagQueries),
    manifests: new ManifestQueries(manifestCollections(manifest), tagQueries),
    labels: new LabelQueries(manifestCollections(manifest).labels),
    applications: new ApplicationQueries(
      application.collection<ApplicationDocument>('applications'),
      application.collection<ApplicationTokenDocument>('tokens'),
      application.collection<AssignmentDocument>('assignments'),
    ),
    search: new SearchQueries(
      searched.collection('names'),
      searched.collection('searched'),
      searched.collection('postings'),
      searched.collection('stars'),
    ),
  };
  return { ...queries, permissions: new PermissionQueries(queries) };
}
