import Type, { type Static } from 'typebox';
import type { LayerStep } from '../../../domain/manifest/layerHistory.js';
import { timestamp } from '../../../domain/shared/time.js';
import type { Label } from '../../../projections/labelQueries.js';
import { rfc2822 } from '../shared/dates.js';

const NullableText = Type.Union([Type.String(), Type.Null()]);
const NullableTexts = Type.Union([Type.Array(Type.String()), Type.Null()]);

/** One step in the making of an image (contract: repositories §4). */
export const LayerView = Type.Object({
  index: Type.Integer(),
  compressed_size: Type.Integer(),
  is_remote: Type.Boolean(),
  urls: NullableTexts,
  command: NullableTexts,
  comment: NullableText,
  author: NullableText,
  blob_digest: Type.String(),
  created_datetime: NullableText,
});

export const layerView = (step: LayerStep, index: number): Static<typeof LayerView> => ({
  index,
  compressed_size: step.size,
  is_remote: step.isRemote,
  urls: step.urls && [...step.urls],
  command: step.command && [...step.command],
  comment: step.comment,
  author: step.author,
  blob_digest: step.digest,
  created_datetime: step.created === null ? null : rfc2822(timestamp(step.created)),
});

export const ManifestView = Type.Object({
  digest: Type.String(),
  is_manifest_list: Type.Boolean(),
  manifest_data: Type.String(),
  config_media_type: NullableText,
  layers_compressed_size: Type.Union([Type.Integer(), Type.Null()]),
  layers: Type.Union([Type.Array(LayerView), Type.Null()]),
  modelcard: Type.Optional(Type.String()),
});

/** A label of a manifest (contract: repositories §5). */
export const LabelView = Type.Object({
  id: Type.String(),
  key: Type.String(),
  value: Type.String(),
  source_type: Type.Enum(['manifest', 'api', 'internal']),
  media_type: Type.String(),
});

export const labelView = ({ id, key, value, source, mediaType }: Label): Static<typeof LabelView> => ({
  ...{ id, key, value, source_type: source, media_type: mediaType },
});
