import Type, { type Static } from 'typebox';
import type { Digest } from '../../../domain/shared/digest.js';
import type { ManifestDocument } from '../../../projections/manifests.js';
import type { Queries } from '../../../projections/queries.js';
import type { TagStay } from '../../../projections/tagListing.js';
import { epochSeconds, rfc2822 } from '../shared/dates.js';

/** One stay of a tag (contract: repositories §3.2). */
export const TagView = Type.Object({
  name: Type.String(),
  reversion: Type.Boolean(),
  start_ts: Type.Optional(Type.Integer()),
  end_ts: Type.Optional(Type.Integer()),
  manifest_digest: Type.String(),
  is_manifest_list: Type.Boolean(),
  size: Type.Union([Type.Integer(), Type.Null()]),
  last_modified: Type.String(),
  expiration: Type.Optional(Type.String()),
  is_sparse: Type.Optional(Type.Boolean()),
  child_manifest_count: Type.Optional(Type.Integer()),
  present_child_count: Type.Optional(Type.Integer()),
  child_manifests_presence: Type.Optional(Type.Record(Type.String(), Type.Boolean())),
});

/** The compressed layers; null for an index, which has none. */
export const sizeOf = (manifest: ManifestDocument | undefined): number | null =>
  manifest && manifest.kind !== 'index' ? manifest.layersSize : null;

/** Stays with what is known of their manifests. */
export async function tagViews(
  { manifests }: Pick<Queries, 'manifests'>,
  repositoryId: string,
  stays: readonly TagStay[],
): Promise<Static<typeof TagView>[]> {
  const digests = [...new Set(stays.map(({ digest }) => digest))];
  const documents = new Map<Digest, ManifestDocument>();
  for (const document of await manifests.getMany(repositoryId, digests)) {
    if (document) documents.set(document.digest, document);
  }
  const presence = await presenceIn({ manifests }, repositoryId, documents);
  return stays.map((stay) => tagView(stay, documents.get(stay.digest), presence));
}

/** Of each index its children, and whether they are there. */
type Presence = ReadonlyMap<Digest, readonly (readonly [child: Digest, present: boolean])[]>;

async function presenceIn(
  { manifests }: Pick<Queries, 'manifests'>,
  repositoryId: string,
  documents: ReadonlyMap<Digest, ManifestDocument>,
): Promise<Presence> {
  const indexes = [...documents.values()].flatMap(({ kind, digest }) => (kind === 'index' ? [digest] : []));
  if (indexes.length === 0) return new Map();
  const children = await manifests.children(repositoryId, indexes);
  const all = [...new Set(children.flat())];
  const found = await manifests.getMany(repositoryId, all);
  const present = new Set(all.filter((_, place) => found[place] && found[place].purged !== true));
  return new Map(indexes.map((index, place) => [index, (children[place] ?? []).map((one) => [one, present.has(one)])]));
}

function tagView(stay: TagStay, manifest: ManifestDocument | undefined, presence: Presence): Static<typeof TagView> {
  const { tag, digest, start, end, restored } = stay;
  const begins = epochSeconds(start);
  const isList = manifest?.kind === 'index';
  return {
    name: tag,
    reversion: restored,
    ...(begins === 0 ? {} : { start_ts: begins }),
    ...(end === null ? {} : { end_ts: epochSeconds(end) }),
    manifest_digest: digest,
    is_manifest_list: isList,
    size: sizeOf(manifest),
    last_modified: rfc2822(start),
    ...(end === null ? {} : { expiration: rfc2822(end) }),
    ...(isList ? listView(presence.get(digest) ?? []) : {}),
  };
}

const listView = (children: readonly (readonly [child: Digest, present: boolean])[]) => {
  const present = children.filter(([, isPresent]) => isPresent).length;
  return {
    is_sparse: present < children.length,
    child_manifest_count: children.length,
    present_child_count: present,
    child_manifests_presence: Object.fromEntries(children),
  };
};
