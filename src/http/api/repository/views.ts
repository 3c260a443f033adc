import Type, { type Static } from 'typebox';
import type { TagStay } from '../../../projections/tagListing.js';
import type { FoundRepository } from '../../../projections/directory.js';
import { rfc2822 } from '../shared/dates.js';

const NullableText = Type.Union([Type.String(), Type.Null()]);
const NullableInteger = Type.Union([Type.Integer(), Type.Null()]);
const StateView = Type.Enum(['NORMAL', 'READ_ONLY', 'MIRROR', 'ORG_MIRROR']);

/** In lists (contract: repositories §1). */
export const ListedRepositoryView = Type.Object({
  namespace: Type.String(),
  name: Type.String(),
  description: NullableText,
  is_public: Type.Boolean(),
  kind: Type.Literal('image'),
  state: StateView,
  last_modified: Type.Optional(NullableInteger),
  popularity: Type.Optional(Type.Number()),
  is_starred: Type.Optional(Type.Boolean()),
});

/** What every view of a repository says of it. */
export const listedRepository = ({
  repository,
  namespace,
}: FoundRepository): Pick<
  Static<typeof ListedRepositoryView>,
  'namespace' | 'name' | 'description' | 'is_public' | 'kind' | 'state'
> => ({
  namespace: namespace.name,
  name: repository.name,
  description: repository.description,
  is_public: repository.visibility === 'public',
  kind: 'image',
  state: repository.state,
});

/** A living tag of a repository, as the repository itself shows it (contract: repositories §2). */
export const LivingTagView = Type.Object({
  name: Type.String(),
  size: NullableInteger,
  last_modified: Type.Optional(Type.String()),
  expiration: Type.Optional(Type.String()),
  manifest_digest: Type.String(),
});

export const livingTag = ({ tag, digest, start, end }: TagStay, size: number | null): Static<typeof LivingTagView> => ({
  name: tag,
  size,
  last_modified: rfc2822(start),
  ...(end === null ? {} : { expiration: rfc2822(end) }),
  manifest_digest: digest,
});

export const RepositoryView = Type.Object({
  namespace: Type.String(),
  name: Type.String(),
  kind: Type.Literal('image'),
  description: NullableText,
  is_public: Type.Boolean(),
  is_organization: Type.Boolean(),
  is_starred: Type.Boolean(),
  status_token: Type.String(),
  trust_enabled: Type.Boolean(),
  tag_expiration_s: Type.Integer(),
  is_free_account: Type.Boolean(),
  state: StateView,
  can_write: Type.Boolean(),
  can_admin: Type.Boolean(),
  tags: Type.Optional(Type.Record(Type.String(), LivingTagView)),
  stats: Type.Optional(Type.Array(Type.Object({ date: Type.String(), count: Type.Integer() }))),
});

export const SuccessView = Type.Object({ success: Type.Boolean() });
