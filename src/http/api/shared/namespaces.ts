import type { NamespaceId } from '../../../domain/shared/ids.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';

/** Ids in documents were branded before they went into an event. */
export const namespaceIdOf = ({ id }: Pick<NamespaceDocument, 'id'>): NamespaceId => id as NamespaceId;
