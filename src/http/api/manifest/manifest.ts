import type { Static } from 'typebox';
import { parseDocument } from '../../../domain/manifest/document.js';
import type { ManifestFacts } from '../../../domain/manifest/facts.js';
import { configToRead } from '../../../domain/manifest/labels.js';
import { layerSteps, type LayerStep } from '../../../domain/manifest/layerHistory.js';
import { EMPTY_LAYER } from '../../../domain/manifest/layers.js';
import { modelCardIn } from '../../../domain/manifest/modelCard.js';
import { parseManifest } from '../../../domain/manifest/parse.js';
import type { Digest } from '../../../domain/shared/digest.js';
import { isJsonObject, type JsonObject } from '../../../domain/shared/json.js';
import { ContentMissing } from '../../../ports/errors.js';
import type { ManifestDocument } from '../../../projections/manifests.js';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { Message, NotFound } from '../framework/problems.js';
import { flagParameter } from '../framework/query.js';
import { reachableManifest } from './found.js';
import { layerView, ManifestView } from './views.js';

/** Configs and model cards that are larger are not read. */
const MOST_BYTES = 4 * 1024 * 1024;

/** What a manifest is made of (contract: repositories §4). */
export function manifestEndpoints(api: Api): readonly Endpoint[] {
  const { queries, rules, settings, manifestReads, contents } = api;

  async function textOf(digest: Digest): Promise<string | undefined> {
    const content = await contents.locate(digest);
    if (!content || content.size > MOST_BYTES) return undefined;
    try {
      return Buffer.from(await contents.read(content)).toString('utf8');
    } catch (error) {
      if (error instanceof ContentMissing) return undefined;
      throw error;
    }
  }

  /** The document itself. @throws NotFound if its bytes are gone */
  async function bytesOf(digest: Digest): Promise<Uint8Array> {
    try {
      return await manifestReads.bytes(digest);
    } catch (error) {
      if (error instanceof ContentMissing) throw new NotFound();
      throw error;
    }
  }

  /** @throws Message 404 if bytes of a layer are missing */
  async function stepsOf(facts: ManifestFacts, document: JsonObject): Promise<LayerStep[]> {
    const config = configToRead(facts);
    const steps = layerSteps(facts, document, config === null ? undefined : jsonObject(await textOf(config)));
    const due = steps.filter(({ digest, isRemote }) => !isRemote && digest !== EMPTY_LAYER);
    const present = await contents.present(due.map(({ digest }) => digest));
    if (due.some(({ digest }) => !present.has(digest)))
      throw new Message(404, 'A layer of the manifest is missing: push it again');
    // Schema 1 does not tell sizes.
    return facts.kind === 'schema1'
      ? steps.map((step) => ({ ...step, size: present.get(step.digest)?.size ?? step.size }))
      : steps;
  }

  async function cardOf(document: JsonObject, mediaType: string): Promise<string | undefined> {
    const digest = settings.modelCard && modelCardIn(document, mediaType, settings.modelCard);
    return digest ? textOf(digest) : undefined;
  }

  async function view(
    { digest, mediaType, kind, layersSize }: ManifestDocument,
    withCard: boolean,
  ): Promise<Static<typeof ManifestView>> {
    const bytes = await bytesOf(digest);
    const facts = parseManifest(bytes, mediaType);
    const document = parseDocument(bytes);
    const card = withCard ? await cardOf(document, mediaType) : undefined;
    const steps = kind === 'index' ? null : await stepsOf(facts, document);
    return {
      digest,
      is_manifest_list: kind === 'index',
      manifest_data: Buffer.from(bytes).toString('utf8'),
      config_media_type: facts.configMediaType,
      layers_compressed_size: kind === 'schema1' ? sizeOf(steps ?? []) : layersSize,
      layers: steps?.map(layerView) ?? null,
      ...(card === undefined ? {} : { modelcard: card }),
    };
  }

  return [
    endpoint({
      operation: 'getRepoManifest',
      method: 'GET',
      path: '/api/v1/repository/{repository}/manifest/{manifestref}',
      module: 'manifest',
      summary: 'Fetch the manifest of a repository by its digest, and the layers that it is made of.',
      scope: 'repo:read',
      access: rules.repository('read'),
      query: { include_modelcard: flagParameter('If true and there is one, the text of the model card as well') },
      answers: { 200: ManifestView },
      handle: async ({ target, path, query, now }) => {
        const manifest = await reachableManifest(queries, target, path.manifestref, now);
        return answer(200, await view(manifest, query.include_modelcard));
      },
    }),
  ];
}

const sizeOf = (steps: readonly LayerStep[]): number => steps.reduce((sum, { size }) => sum + size, 0);

function jsonObject(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // Whatever it is, it tells nothing of layers.
    return undefined;
  }
}
