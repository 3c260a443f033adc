import { repositoryAggregate } from '../domain/repository/evolve.js';
import { decideAddLabel, decideRemoveLabel, refuseReservedKey, type AddLabel } from '../domain/repository/labels.js';
import type { Digest } from '../domain/shared/digest.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import type { Ids } from '../ports/clock.js';
import type { CommandContext } from './context.js';
import { repositoryStream } from './streamNames.js';
import type { Streams } from './streams.js';

/** Labels that people give to manifests, beside those that manifests bring with them. */
export class LabelCommands {
  constructor(
    private readonly deps: {
      readonly streams: Streams;
      readonly ids: Ids;
      /** Beyond those that are always reserved (LABEL_KEY_RESERVED_PREFIXES). */
      readonly reservedPrefixes: readonly string[];
    },
  ) {}

  /**
   * @returns the label's id
   * @throws LabelKeyReserved before anything else is looked at
   * @throws RepositoryUnknown, RepositoryNotWritable, ManifestUnknown, LabelKeyInvalid, LabelValueTooLong, TooManyLabels
   */
  async add(
    id: RepositoryId,
    label: Pick<AddLabel, 'digest' | 'key' | 'value' | 'mediaType'>,
    context: CommandContext,
  ): Promise<string> {
    const { streams, ids, reservedPrefixes } = this.deps;
    refuseReservedKey(label.key, reservedPrefixes);
    const labelId = ids.next();
    await streams.decide(repositoryAggregate, repositoryStream(id), context, (state, now) =>
      decideAddLabel({ ...label, labelId, now }, state),
    );
    return labelId;
  }

  /** @throws RepositoryUnknown, RepositoryNotWritable, ManifestUnknown, LabelUnknown, LabelImmutable */
  async remove(id: RepositoryId, digest: Digest, labelId: string, context: CommandContext): Promise<void> {
    await this.deps.streams.decide(repositoryAggregate, repositoryStream(id), context, (state, now) =>
      decideRemoveLabel({ digest, labelId, now }, state),
    );
  }
}
