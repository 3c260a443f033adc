import Type from 'typebox';
import { LabelUnknown } from '../../../domain/repository/labelErrors.js';
import type { Digest } from '../../../domain/shared/digest.js';
import type { Api } from '../api.js';
import { required } from '../framework/body.js';
import { answer, endpoint, type Endpoint, type Refusals } from '../framework/endpoint.js';
import { nullable, oneOf, text } from '../framework/kinds.js';
import { NotFound } from '../framework/problems.js';
import { textParameter } from '../framework/query.js';
import { writable } from '../repository/guards.js';
import { repositoryIdOf } from '../repository/repository.js';
import { digestIn, reachableManifest } from './found.js';
import { labelView, LabelView } from './views.js';

class NewLabel {
  @required(text()) readonly key!: string;
  @required(text()) readonly value!: string;
  @required(nullable(oneOf(['text/plain', 'application/json']))) readonly media_type!: string | null;
}

const ALL = '/api/v1/repository/{repository}/manifest/{manifestref}/labels';
const ONE = `${ALL}/{labelid}` as const;

const refusals: Refusals = { 'label-unknown': () => new NotFound() };

/** Labels of manifests (contract: repositories §5). */
export function labelEndpoints({ commands, queries, rules }: Api): readonly Endpoint[] {
  async function labelOf(repositoryId: string, digest: Digest, id: string) {
    const label = await queries.labels.byId(repositoryId, digest, id);
    if (!label) throw new LabelUnknown(digest, id);
    return label;
  }

  return [
    endpoint({
      operation: 'listManifestLabels',
      method: 'GET',
      path: ALL,
      module: 'manifest',
      summary: 'List the labels of a manifest.',
      scope: 'repo:read',
      access: rules.repository('read'),
      query: { filter: textParameter('If specified, only labels whose key begins with the given text.') },
      answers: { 200: Type.Object({ labels: Type.Array(LabelView) }) },
      handle: async ({ target, path, query, now }) => {
        const { digest } = await reachableManifest(queries, target, path.manifestref, now);
        const beginning = (query.filter ?? '').toLowerCase();
        const labels = await queries.labels.of(target.repository.id, digest);
        const shown = labels.filter(({ key }) => key.toLowerCase().startsWith(beginning));
        return answer(200, { labels: shown.map(labelView) });
      },
    }),
    endpoint({
      operation: 'addManifestLabel',
      method: 'POST',
      path: ALL,
      module: 'manifest',
      summary: 'Adds a new label to a manifest.',
      scope: 'repo:write',
      access: writable(rules.repository('write')),
      body: NewLabel,
      answers: { 201: Type.Object({ label: LabelView }) },
      refused: [503],
      handle: async ({ target, path, body, context }) => {
        const digest = digestIn(path.manifestref);
        const { key, value, media_type: mediaType } = body;
        const added = { digest, key, value, mediaType };
        const id = await commands.labels.add(repositoryIdOf(target), added, context);
        const label = labelView(await labelOf(target.repository.id, digest, id));
        const name = `${target.namespace.name}/${target.repository.name}`;
        const location = `/api/v1/repository/${name}/manifest/${digest}/labels/${id}`;
        return answer(201, { label }, { Location: location });
      },
    }),
    endpoint({
      operation: 'getManifestLabel',
      method: 'GET',
      path: ONE,
      module: 'manifest',
      summary: 'Retrieves the label with the specific ID under the manifest.',
      scope: 'repo:read',
      access: rules.repository('read'),
      answers: { 200: LabelView },
      refusals,
      handle: async ({ target, path, now }) => {
        const { digest } = await reachableManifest(queries, target, path.manifestref, now);
        return answer(200, labelView(await labelOf(target.repository.id, digest, path.labelid)));
      },
    }),
    endpoint({
      operation: 'deleteManifestLabel',
      method: 'DELETE',
      path: ONE,
      module: 'manifest',
      summary: 'Deletes an existing label from a manifest.',
      scope: 'repo:write',
      access: writable(rules.repository('write')),
      answers: { 204: null },
      refused: [503],
      refusals,
      handle: async ({ target, path, context }) => {
        await commands.labels.remove(repositoryIdOf(target), digestIn(path.manifestref), path.labelid, context);
        return answer(204, null);
      },
    }),
  ];
}
