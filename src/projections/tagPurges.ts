import { timestamp, millisecondsOf, type Timestamp } from '../domain/shared/time.js';
import { BY_KEY, type Collection } from '../ports/documentStore.js';
import { prefixed } from './keyRange.js';
import { purgeKey, type TagHistoryDocument, type TagPurgeDocument } from './tags.js';

/** The end that a purged stay is shown with, which is before every window; undefined for one that was not purged. */
export type PurgedEnd = (stay: TagHistoryDocument) => Timestamp | undefined;

/** Which stays were purged. Most repositories have none, and then it takes one question to know. */
export class TagPurges {
  constructor(private readonly collection: Collection<TagPurgeDocument>) {}

  /** About stays of one repository. */
  async among(repositoryId: string, stays: readonly TagHistoryDocument[]): Promise<PurgedEnd> {
    const ended = stays.filter(({ closedBy }) => closedBy !== null && closedBy !== 'purged');
    const documents = ended.length > 0 && (await this.#haveSome(repositoryId)) ? await this.#of(ended) : undefined;
    return (stay) => (stay.closedBy === 'purged' ? (stay.end ?? undefined) : documents && endIn(documents, stay));
  }

  async #haveSome(repositoryId: string): Promise<boolean> {
    const range = prefixed(`${repositoryId}/`);
    return (await this.collection.find({ index: BY_KEY, equals: [], ...range, limit: 1 })).documents.length > 0;
  }

  async #of(stays: readonly TagHistoryDocument[]): Promise<ReadonlyMap<string, TagPurgeDocument>> {
    const keys = [...new Set(stays.map(keyOf))];
    const found = await this.collection.getMany(keys);
    return new Map(
      keys.flatMap((key, index) => {
        const document = found[index];
        return document ? [[key, document]] : [];
      }),
    );
  }
}

const keyOf = ({ repositoryId, tag, digest }: TagHistoryDocument): string => purgeKey(repositoryId, tag, digest);

/** A millisecond before what was the beginning of the window then. */
function endIn(documents: ReadonlyMap<string, TagPurgeDocument>, stay: TagHistoryDocument): Timestamp | undefined {
  const { end, closed } = stay;
  if (end === null || closed === null) return undefined;
  const { purges = [] } = documents.get(keyOf(stay)) ?? {};
  const purge = purges.find(({ since, revision }) => closed <= revision && end > since);
  return purge && timestamp(millisecondsOf(purge.since) - 1);
}
