import type { RepositoryRemains } from '../commands/repositoryRemains.js';
import { idOf } from '../commands/streamNames.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import { PermanentFailure } from '../ports/eventBus.js';
import type { Consumer } from './consumers.js';
import type { JobHandler } from './jobWorker.js';

export const REPOSITORY_REMAINS = 'repository-remains';

/** A repository that was deleted needs its unfinished uploads and its holds no more. */
export const repositoryRemainsConsumer: Consumer = {
  group: 'uploads',
  topics: ['repository'],
  jobsOf: ({ id, type, stream }) =>
    type === 'RepositoryDeleted' ? [{ kind: REPOSITORY_REMAINS, event: id, data: { repositoryId: idOf(stream) } }] : [],
};

/**
 * @param isDeleted asks the log: others may write to a bus, and one that remembers more than a restored log tells of
 *   what never happened
 */
export const repositoryRemainsHandler =
  (remains: RepositoryRemains, isDeleted: (id: RepositoryId) => Promise<boolean>): JobHandler =>
  async ({ data, signal }) => {
    const { repositoryId } = data;
    if (typeof repositoryId !== 'string' || repositoryId === '')
      throw new PermanentFailure('the job names no repository');
    if (await isDeleted(repositoryId as RepositoryId)) await remains.drop(repositoryId as RepositoryId, signal);
  };
