import { granteeKey } from '../domain/repository/state.js';
import type { Grantee, RepositoryEvents, RepositoryState, Role, Visibility } from '../domain/repository/events.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import type { JsonObject } from '../domain/shared/json.js';
import { BY_KEY, type Collection, type Page } from '../ports/documentStore.js';
import { prefixed } from './keyRange.js';
import { everything } from './pages.js';
import { on, type DocumentView, type ProjectedEvent, type Projection } from './projection.js';

export type RepositoryDocument = {
  readonly id: string;
  readonly namespaceId: string;
  readonly name: string;
  readonly visibility: Visibility;
  readonly state: RepositoryState;
  readonly description: string | null;
};

/** Of a repository that is there; those of a deleted one go with it. */
export type PermissionDocument = {
  readonly repositoryId: string;
  readonly namespaceId: string;
  readonly grantee: string;
  readonly role: Role;
};

/** A permission in a repository that is there. */
export type GrantedRepository = {
  readonly repository: RepositoryDocument;
  readonly grantee: string;
  readonly role: Role;
};

/** Who was given something in a repository, so that it can be taken from the index when the repository goes. */
export type GranteesDocument = { readonly grantees: readonly string[] };

const REPOSITORIES = 'repositories';
const PERMISSIONS = 'permissions';
const GRANTEES = 'grantees';
const repository = on<RepositoryEvents>();
const own = (_data: JsonObject, { streamId }: ProjectedEvent) => [{ collection: REPOSITORIES, key: streamId }];
const ownWithGrantees = (data: JsonObject, event: ProjectedEvent) => [
  ...own(data, event),
  { collection: GRANTEES, key: event.streamId },
];
const permissionKey = (repositoryId: string, grantee: string): string => `${repositoryId}/${grantee}`;

function change(event: ProjectedEvent, view: DocumentView, by: Partial<RepositoryDocument>): void {
  const document = view.get<RepositoryDocument>(REPOSITORIES, event.streamId);
  if (document) view.put(REPOSITORIES, event.streamId, { ...document, ...by });
}

const granteesOf = (view: DocumentView, repositoryId: string): readonly string[] =>
  view.get<GranteesDocument>(GRANTEES, repositoryId)?.grantees ?? [];

function putGrantees(view: DocumentView, repositoryId: string, grantees: readonly string[]): void {
  const document: GranteesDocument | undefined = grantees.length > 0 ? { grantees } : undefined;
  view.put(GRANTEES, repositoryId, document);
}

/** Repositories by name and in the order of their creation, and who may do what in them. */
export const repositories: Projection = {
  name: 'repositories',
  version: 4,
  collections: [
    {
      name: REPOSITORIES,
      indexes: {
        byName: ['namespaceId', 'name'],
        byVisibility: ['visibility', 'namespaceId', 'name'],
        // Ids rise with time.
        created: ['namespaceId', 'id'],
        createdByVisibility: ['visibility', 'id'],
        createdByVisibilityThere: ['visibility', 'namespaceId', 'id'],
      },
    },
    {
      name: PERMISSIONS,
      indexes: {
        byGrantee: ['grantee', 'repositoryId'],
        byGranteeThere: ['grantee', 'namespaceId', 'repositoryId'],
        byNamespace: ['namespaceId', 'grantee'],
      },
    },
    { name: GRANTEES, indexes: {} },
  ],
  handlers: {
    ...repository('RepositoryCreated', {
      apply: ({ namespaceId, name, visibility, description }, { streamId }, view) => {
        const document: RepositoryDocument = {
          id: streamId,
          namespaceId,
          name,
          visibility,
          state: 'NORMAL',
          description,
        };
        view.put(REPOSITORIES, streamId, document);
      },
    }),
    ...repository('DescriptionSet', {
      reads: own,
      apply: ({ description }, event, view) => {
        change(event, view, { description });
      },
    }),
    ...repository('VisibilityChanged', {
      reads: own,
      apply: ({ visibility }, event, view) => {
        change(event, view, { visibility });
      },
    }),
    ...repository('StateChanged', {
      reads: own,
      apply: ({ state }, event, view) => {
        change(event, view, { state });
      },
    }),
    ...repository('RepositoryDeleted', {
      reads: ownWithGrantees,
      apply: (_, { streamId }, view) => {
        for (const grantee of granteesOf(view, streamId))
          view.put(PERMISSIONS, permissionKey(streamId, grantee), undefined);
        putGrantees(view, streamId, []);
        view.put(REPOSITORIES, streamId, undefined);
      },
    }),
    ...repository('PermissionGranted', {
      reads: ownWithGrantees,
      apply: ({ grantee, role }, { streamId }, view) => {
        const found = view.get<RepositoryDocument>(REPOSITORIES, streamId);
        if (!found) return;
        const { namespaceId } = found;
        const document: PermissionDocument = {
          repositoryId: streamId,
          namespaceId,
          grantee: granteeKey(grantee),
          role,
        };
        view.put(PERMISSIONS, permissionKey(streamId, document.grantee), document);
        const grantees = granteesOf(view, streamId);
        if (!grantees.includes(document.grantee)) putGrantees(view, streamId, [...grantees, document.grantee]);
      },
    }),
    ...repository('PermissionRevoked', {
      reads: ownWithGrantees,
      apply: ({ grantee }, { streamId }, view) => {
        const key = granteeKey(grantee);
        view.put(PERMISSIONS, permissionKey(streamId, key), undefined);
        putGrantees(
          view,
          streamId,
          granteesOf(view, streamId).filter((other) => other !== key),
        );
      },
    }),
  },
};

/** So many are looked up at a time where all are asked for. */
const ID_PAGE = 200;

export class RepositoryQueries {
  constructor(
    private readonly collection: Collection<RepositoryDocument>,
    private readonly permissions: Collection<PermissionDocument>,
  ) {}

  byId(id: string): Promise<RepositoryDocument | undefined> {
    return this.collection.get(id);
  }

  async byName(namespaceId: string, name: string): Promise<RepositoryDocument | undefined> {
    return (await this.collection.find({ index: 'byName', equals: [namespaceId, name], limit: 1 })).documents[0];
  }

  /** A namespace's repositories in order of name, from a name on (inclusive). */
  inNamespace(namespaceId: string, from: string, limit: number): Promise<Page<RepositoryDocument>> {
    return this.collection.find({ index: 'byName', equals: [namespaceId], from, limit });
  }

  /** All of a namespace's, in order of name; those that are created or deleted meanwhile may be among them. */
  async *idsIn(namespaceId: string): AsyncIterable<RepositoryId> {
    let from = '';
    for (;;) {
      const { documents, cursor } = await this.inNamespace(namespaceId, from, ID_PAGE);
      for (const { id } of documents) yield id as RepositoryId;
      const last = documents.at(-1);
      if (cursor === undefined || !last) return;
      from = `${last.name}\0`;
    }
  }

  /** In the order of the ids; undefined where there is none. */
  byIds(ids: readonly string[]): Promise<readonly (RepositoryDocument | undefined)[]> {
    return this.collection.getMany(ids);
  }

  /** A namespace's repositories of one visibility in order of name, from a name on (inclusive). */
  inNamespaceBy(
    visibility: Visibility,
    namespaceId: string,
    from: string,
    limit: number,
  ): Promise<Page<RepositoryDocument>> {
    return this.collection.find({ index: 'byVisibility', equals: [visibility, namespaceId], from, limit });
  }

  /** The next namespace, by id, from an id on (inclusive), that has a repository of one visibility. */
  async nextNamespaceBy(visibility: Visibility, from: string): Promise<string | undefined> {
    const { documents } = await this.collection.find({ index: 'byVisibility', equals: [visibility], from, limit: 1 });
    return documents[0]?.namespaceId;
  }

  /** What somebody was granted, in the order in which the repositories were created. */
  grantedTo(grantee: Grantee, limit: number, cursor?: string): Promise<Page<PermissionDocument>> {
    const query = { index: 'byGrantee', equals: [granteeKey(grantee)], limit } as const;
    return this.permissions.find(cursor === undefined ? query : { ...query, cursor });
  }

  /** Where somebody was granted something himself, in repositories that may be gone since. */
  async *idsGrantedTo(grantee: Grantee): AsyncIterable<RepositoryId> {
    let cursor: string | undefined;
    do {
      const page = await this.grantedTo(grantee, ID_PAGE, cursor);
      for (const { repositoryId } of page.documents) yield repositoryId as RepositoryId;
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  /** Where in a namespace somebody was granted something himself, and what. */
  async grantedIn(namespaceId: string, grantee: Grantee): Promise<readonly GrantedRepository[]> {
    const query = { index: 'byNamespace', equals: [namespaceId, granteeKey(grantee)] };
    return this.#inThoseThatAreThere(await everything(this.permissions, query));
  }

  /** What was granted in a namespace to grantees of one kind, those of one grantee together. */
  async grantsIn(namespaceId: string, kind: Grantee['kind']): Promise<readonly GrantedRepository[]> {
    const query = { index: 'byNamespace', equals: [namespaceId], ...prefixed(`${kind}:`) };
    return this.#inThoseThatAreThere(await everything(this.permissions, query));
  }

  async *idsGrantedIn(namespaceId: string, grantee: Grantee): AsyncIterable<RepositoryId> {
    for (const { repository } of await this.grantedIn(namespaceId, grantee)) yield repository.id as RepositoryId;
  }

  async #inThoseThatAreThere(permissions: readonly PermissionDocument[]): Promise<GrantedRepository[]> {
    const repositories = await this.byIds(permissions.map(({ repositoryId }) => repositoryId));
    return permissions.flatMap(({ grantee, role }, index) => {
      const repository = repositories[index];
      return repository ? [{ repository, grantee, role }] : [];
    });
  }

  /** Everything that was granted in a repository, to some who may be gone since. */
  permissionsOf(repositoryId: string): Promise<readonly PermissionDocument[]> {
    return everything(this.permissions, { index: BY_KEY, equals: [], ...prefixed(permissionKey(repositoryId, '')) });
  }

  /** The roles that were given to any of them there. */
  async rolesOf(repositoryId: string, grantees: readonly Grantee[]): Promise<readonly Role[]> {
    const keys = grantees.map((grantee) => permissionKey(repositoryId, granteeKey(grantee)));
    return (await this.permissions.getMany(keys)).flatMap((document) => (document ? [document.role] : []));
  }
}
