import Type from 'typebox';
import { isTagName, parseTagName } from '../../../domain/shared/reference.js';
import type { Api } from '../api.js';
import { optional } from '../framework/body.js';
import { answer, endpoint, type Endpoint, type Refusals } from '../framework/endpoint.js';
import { decimal, flag, nullable, text } from '../framework/kinds.js';
import { InvalidRequest, PlainAbort } from '../framework/problems.js';
import { digestIn } from '../manifest/found.js';
import { writable } from '../repository/guards.js';
import { repositoryIdOf } from '../repository/repository.js';

class TagChange {
  @optional(nullable(decimal())) readonly expiration?: number | null;
  @optional(flag()) readonly immutable?: boolean;
  @optional(nullable(text())) readonly manifest_digest?: string | null;
}
class TagRestoration {
  @optional(text()) readonly manifest_digest?: string;
}
class TagRemoval {
  @optional(flag()) readonly is_alive?: boolean;
  @optional(text()) readonly manifest_digest?: string;
  @optional(flag()) readonly include_submanifests?: boolean;
}

const ONE = '/api/v1/repository/{repository}/tag/{tag}';

const refusals: Refusals = { 'expiration-invalid': () => new PlainAbort(400) };

/** What can be done to a tag (contract: repositories §3.3 to §3.6). */
export function tagChangeEndpoints({ commands, settings, rules }: Api): readonly Endpoint[] {
  const { tags } = commands;
  return [
    endpoint({
      operation: 'changeTag',
      method: 'PUT',
      path: ONE,
      module: 'tag',
      summary: 'Change which image a tag points to or create a new tag.',
      scope: 'repo:write',
      access: writable(rules.repository('write')),
      body: TagChange,
      answers: { 201: Type.String() },
      refused: [503],
      refusals,
      handle: async ({ target, path, body, context }) => {
        const id = repositoryIdOf(target);
        const tag = parseTagName(path.tag);
        const { expiration, manifest_digest: digest } = body;
        if (expiration !== undefined) await tags.changeExpiration(id, tag, expiration, context);
        // Immutability is not served yet: the contract has it ignored then.
        if (digest !== undefined) await tags.moveTag(id, tag, digestIn(digest ?? ''), context);
        return answer(201, 'Updated');
      },
    }),
    endpoint({
      operation: 'deleteFullTag',
      method: 'DELETE',
      path: ONE,
      module: 'tag',
      summary: 'Delete the specified repository tag.',
      scope: 'repo:write',
      access: writable(rules.repository('write')),
      answers: { 204: null },
      refused: [503],
      handle: async ({ target, path, context }) => {
        await tags.deleteTag(repositoryIdOf(target), path.tag, context);
        return answer(204, null);
      },
    }),
    endpoint({
      operation: 'restoreTag',
      method: 'POST',
      path: `${ONE}/restore`,
      module: 'tag',
      summary: 'Restores a repository tag back to a previous image in the repository.',
      scope: 'repo:write',
      access: writable(rules.repository('write')),
      body: TagRestoration,
      answers: { 200: Type.Object({}) },
      refused: [503],
      handle: async ({ target, path, body, context }) => {
        if (body.manifest_digest === undefined) throw new InvalidRequest('Missing manifest_digest');
        if (!isTagName(path.tag)) throw new InvalidRequest('Could not restore tag');
        await tags.restoreTag(repositoryIdOf(target), path.tag, digestIn(body.manifest_digest), context);
        return answer(200, {});
      },
    }),
    ...(settings.permanentlyDeletesTags
      ? [
          endpoint({
            operation: 'removeTagFromTimemachine',
            method: 'POST',
            path: `${ONE}/expire`,
            module: 'tag',
            summary: 'Removes a tag, or what it was, from the time machine.',
            scope: 'repo:write',
            access: rules.repository('write'),
            body: TagRemoval,
            answers: { 200: Type.String() },
            handle: async ({ target, path, body, context }) => {
              const { is_alive: isAlive = false, manifest_digest: digest, include_submanifests: children } = body;
              if (!isAlive && digest === undefined)
                throw new InvalidRequest('manifest_digest required when is_alive set to false');
              const purge = {
                tag: path.tag,
                digest: isAlive || digest === undefined ? null : digestIn(digest),
                windowSeconds: target.namespace.timeMachineSeconds,
                includeChildren: children === true,
              };
              await tags.purgeTag(repositoryIdOf(target), purge, context);
              return answer(200, '');
            },
          }),
        ]
      : []),
  ];
}
