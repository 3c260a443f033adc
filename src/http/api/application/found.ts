import type { ApplicationDocument } from '../../../projections/applications.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { Queries } from '../../../projections/queries.js';
import { NotFound } from '../framework/problems.js';

/** An application by its id, if it is of this namespace. @throws NotFound */
export async function applicationOf(
  { applications }: Pick<Queries, 'applications'>,
  { id }: NamespaceDocument,
  clientId: string,
): Promise<ApplicationDocument> {
  const application = await applications.application(clientId);
  if (application?.namespaceId !== id) throw new NotFound();
  return application;
}
