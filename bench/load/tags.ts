import { repositoryAggregate } from '../../src/domain/repository/evolve.js';
import type { RepositoryEvent } from '../../src/domain/repository/events.js';
import { repositoryStream } from '../../src/commands/streamNames.js';
import { baseLayers, imageRecord, repositoryIn, type InProcess } from '../inProcess.js';
import { USER } from '../servers/tidemark.js';

const EVENTS_PER_APPEND = 500;

export const tagOf = (number: number): string => `v${String(number).padStart(6, '0')}`;

/** Moves tags in bulk, all to one manifest. */
export async function moveTags(
  inside: InProcess,
  name: string,
  moves: number,
  tag: (number: number) => string,
  namespace = USER,
): Promise<void> {
  const { streams } = inside.core;
  const stream = repositoryStream(await repositoryIn(inside, namespace, name));
  const image = imageRecord(baseLayers());
  const pushed: RepositoryEvent = { type: 'ManifestPushed', data: image };
  await streams.decide(repositoryAggregate, stream, inside.context(), () => [pushed]);
  const moved = (number: number): RepositoryEvent => ({
    type: 'TagMoved',
    data: { tag: tag(number), digest: image.digest, previous: null, end: null },
  });
  for (let start = 0; start < moves; start += EVENTS_PER_APPEND) {
    const length = Math.min(EVENTS_PER_APPEND, moves - start);
    const events = Array.from({ length }, (_, index) => moved(start + index));
    await streams.decide(repositoryAggregate, stream, inside.context(), () => events);
  }
}
