import { BOOTSTRAP_APPLICATION } from '../domain/organization/application/decide.js';
import { isAlive, type Timestamp } from '../domain/shared/time.js';
import type { Collection, Page } from '../ports/documentStore.js';
import type { ApplicationDocument, ApplicationTokenDocument, AssignmentDocument } from './applications.js';
import { everything } from './pages.js';

const BATCH = 200;

type OfApplication = { readonly clientId: string; readonly namespaceId: string };

/** OAuth applications, their tokens and who may make one: never what is left of an application that was removed. */
export class ApplicationQueries {
  constructor(
    private readonly applications: Collection<ApplicationDocument>,
    private readonly tokens: Collection<ApplicationTokenDocument>,
    private readonly assignments: Collection<AssignmentDocument>,
  ) {}

  application(clientId: string): Promise<ApplicationDocument | undefined> {
    return this.applications.get(clientId);
  }

  /** In the order of the ids; undefined where there is none. */
  byClientIds(clientIds: readonly string[]): Promise<readonly (ApplicationDocument | undefined)[]> {
    return this.applications.getMany(clientIds);
  }

  /** Of a namespace, in order of name. */
  inNamespace(namespaceId: string): Promise<readonly ApplicationDocument[]> {
    return everything(this.applications, { index: 'byNamespace', equals: [namespaceId] });
  }

  /** Of which there is one, unless its owner has changed: nobody else can give an application that name. */
  async bootstrapApplications(): Promise<readonly ApplicationDocument[]> {
    return everything(this.applications, { index: 'byName', equals: [BOOTSTRAP_APPLICATION] });
  }

  async token(id: string): Promise<ApplicationTokenDocument | undefined> {
    return this.#ofApplication(await this.tokens.get(id));
  }

  /** @param lookup HMAC of the token, see `Sealing.lookup`; the token found may have expired */
  async tokenByLookup(lookup: string): Promise<ApplicationTokenDocument | undefined> {
    const { documents } = await this.tokens.find({ index: 'byLookup', equals: [lookup], limit: 1 });
    return this.#ofApplication(documents[0]);
  }

  /**
   * Those of an application that have not expired, newest first.
   *
   * @param before the id of the last one of the page before
   * @returns `more`: whether there are others after them
   */
  async liveTokens(
    clientId: string,
    { now, limit, before }: { readonly now: Timestamp; readonly limit: number; readonly before?: string | undefined },
  ): Promise<{ readonly tokens: readonly ApplicationTokenDocument[]; readonly more: boolean }> {
    const query = { index: 'byApplication', equals: [clientId], order: 'descending', limit: BATCH } as const;
    const live: ApplicationTokenDocument[] = [];
    let page: Page<ApplicationTokenDocument> | undefined;
    do {
      const below = before === undefined ? {} : { below: before };
      page = await this.tokens.find({ ...query, ...below, ...(page?.cursor && { cursor: page.cursor }) });
      live.push(...page.documents.filter(({ expires }) => isAlive(expires, now)));
    } while (page.cursor !== undefined && live.length <= limit);
    return { tokens: live.slice(0, limit), more: live.length > limit };
  }

  /** Of all that an application has, those that have run out included. */
  async tokenIdsOf(clientId: string): Promise<readonly string[]> {
    const tokens = await everything(this.tokens, { index: 'byApplication', equals: [clientId] });
    return tokens.map(({ id }) => id);
  }

  /** Those that act for an account, expired ones included, newest first. */
  async tokensOf(accountId: string): Promise<readonly ApplicationTokenDocument[]> {
    return this.#ofApplications(
      await everything(this.tokens, { index: 'byAccount', equals: [accountId], order: 'descending' }),
    );
  }

  async assignment(id: string): Promise<AssignmentDocument | undefined> {
    return this.#ofApplication(await this.assignments.get(id));
  }

  /** Those that wait for an account, newest first. */
  async assignmentsOf(accountId: string): Promise<readonly AssignmentDocument[]> {
    return this.#ofApplications(
      await everything(this.assignments, { index: 'byAccount', equals: [accountId], order: 'descending' }),
    );
  }

  async #ofApplication<Document extends OfApplication>(document: Document | undefined): Promise<Document | undefined> {
    return document && (await this.#ofApplications([document]))[0];
  }

  /** Those whose application is there; another namespace's of the same id is another application. */
  async #ofApplications<Document extends OfApplication>(documents: readonly Document[]): Promise<readonly Document[]> {
    const found = await this.applications.getMany(documents.map(({ clientId }) => clientId));
    return documents.filter(({ namespaceId }, index) => found[index]?.namespaceId === namespaceId);
  }
}
