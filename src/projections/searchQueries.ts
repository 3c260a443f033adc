import { setImmediate } from 'node:timers/promises';
import type { NamespaceKind } from '../domain/namespace/events.js';
import type { Visibility } from '../domain/repository/events.js';
import { BY_KEY, type Collection } from '../ports/documentStore.js';
import { prefixed } from './keyRange.js';
import { everything } from './pages.js';
import {
  rankOf,
  type NameDocument,
  type PostingDocument,
  type SearchedRepository,
  type StarDocument,
} from './search.js';
import { descriptionPlan, namePlan, type Gram, type Plan } from './search/grams.js';
import { NAME_BONUS, scoreOf } from './search/heat.js';

/** Which repositories may be found. */
export type Audience = {
  /** Whether it sees every repository: then the other two are not asked. */
  readonly everything: boolean;
  /** Where there may be private repositories that it sees. */
  readonly namespaces: readonly string[];
  /** Single repositories that it may see. */
  readonly repositories: readonly string[];
  /** Whether it does see this one, now. */
  readonly sees: (repository: SearchedRepository) => Promise<boolean>;
};

export type RepositorySearch = {
  readonly text: string;
  /** Only there; absent: everywhere. */
  readonly namespaceId?: string;
  readonly audience: Audience;
  readonly limit: number;
};

/** Repositories that may match, in the order of results. */
type Candidates = AsyncGenerator<Candidate, void, undefined>;
type Candidate = { readonly rank: string; readonly repository: SearchedRepository };

/** The part of an index that one reading goes through; without a namespace, all of them. */
type Scope = { readonly visibility: Visibility; readonly namespaceId?: string };

const PAGE = 64;
/** Under how many of its grams a text is looked for to find the one that fewest others have. */
const PROBES = 4;
/** Candidates that a search looks at: what could be found beyond them is not worth everybody else's time. */
const BUDGET = 4_000;
const LEAST_BUDGET = 256;
/** With more namespaces than that, all private repositories are gone through instead. */
const MOST_NAMESPACES = 16;

/** Finds namespaces by the beginning of their name and repositories by what is in their name or description. */
export class SearchQueries {
  constructor(
    private readonly names: Collection<NameDocument>,
    private readonly searched: Collection<SearchedRepository>,
    private readonly postings: Collection<PostingDocument>,
    private readonly stars: Collection<StarDocument>,
  ) {}

  /** In order of name. */
  async namesBeginning(kind: NamespaceKind, prefix: string, limit: number): Promise<readonly NameDocument[]> {
    if (prefix === '') return [];
    return (await this.names.find({ index: 'byName', equals: [kind], ...prefixed(prefix), limit })).documents;
  }

  /**
   * Repositories whose name or description matches, the best first: those in which much happens, a match of the name
   * counting a hundred times as much as one of the description. An empty text finds all.
   */
  async repositories(search: RepositorySearch): Promise<readonly SearchedRepository[]> {
    const found = new Map<string, SearchedRepository>();
    for await (const { repository } of merged(this.#readings(search))) {
      if (found.has(repository.id) || !(await search.audience.sees(repository))) continue;
      found.set(repository.id, repository);
      if (found.size === search.limit) break;
    }
    return [...found.values()];
  }

  /** The accounts that starred a repository; some may be gone. */
  async starring(repositoryId: string): Promise<readonly string[]> {
    const query = { index: BY_KEY, equals: [], ...prefixed(`${repositoryId}/`) };
    return (await everything(this.stars, query)).map(({ accountId }) => accountId);
  }

  /** Of these repositories, the namespaces that they are in. */
  async namespacesOf(repositoryIds: readonly string[]): Promise<ReadonlySet<string>> {
    const documents = await this.searched.getMany(repositoryIds);
    return new Set(documents.flatMap((document) => (document ? [document.namespaceId] : [])));
  }

  #readings({ text, namespaceId, audience }: RepositorySearch): Candidates[] {
    const inDescription = descriptionPlan(text);
    const plans: (readonly [Plan, number])[] = [[namePlan(text), NAME_BONUS]];
    if (inDescription) plans.push([inDescription, 0]);
    const scopes = namespaceId === undefined ? scopesOf(audience) : scopesIn(namespaceId, audience);
    const budget = Math.max(LEAST_BUDGET, BUDGET / (plans.length * scopes.length));
    return plans.flatMap(([plan, bonus]) => [
      ...scopes.map((scope) => this.#reading(plan, bonus, scope, budget)),
      this.#among(audience.everything ? [] : audience.repositories, plan, bonus, namespaceId),
    ]);
  }

  async *#reading(plan: Plan, bonus: number, scope: Scope, budget: number): Candidates {
    const gram = await this.#rarest(plan.grams, scope);
    let cursor: string | undefined;
    for (let looked = 0; looked < budget; looked += PAGE) {
      // The embedded engine answers at once: without a pause, nobody else's request would go on.
      await setImmediate();
      const after = cursor === undefined ? {} : { cursor };
      const page = await this.postings.find({ ...under(gram, scope), limit: PAGE, ...after });
      const promising = page.documents.filter(({ name }) => !plan.excludes(name));
      const documents = await this.searched.getMany(promising.map(({ repositoryId }) => repositoryId));
      for (const repository of documents) {
        if (repository && plan.matches(repository)) yield { rank: rank(repository, bonus), repository };
      }
      ({ cursor } = page);
      if (cursor === undefined) return;
    }
  }

  /** The gram with the fewest postings as far as the first page tells: of full pages the one that reaches furthest. */
  async #rarest(grams: readonly Gram[], scope: Scope): Promise<Gram> {
    const [first = ''] = grams;
    if (grams.length < 2) return first;
    const step = Math.max(1, Math.floor(grams.length / PROBES));
    let best = { gram: first, size: Infinity, reach: '' };
    for (const gram of grams.filter((_, index) => index % step === 0).slice(0, PROBES)) {
      const { documents } = await this.postings.find({ ...under(gram, scope), limit: PAGE });
      const probe = { gram, size: documents.length, reach: documents.at(-1)?.rank ?? '' };
      if (probe.size < best.size || (probe.size === best.size && probe.reach > best.reach)) best = probe;
    }
    return best.gram;
  }

  /** Those of a list of repositories that match. */
  async *#among(ids: readonly string[], plan: Plan, bonus: number, namespaceId: string | undefined): Candidates {
    const documents = (await this.searched.getMany(ids)).filter((document) => document !== undefined);
    yield* documents
      .filter((document) => namespaceId === undefined || document.namespaceId === namespaceId)
      .filter((document) => plan.matches(document))
      .map((repository) => ({ rank: rank(repository, bonus), repository }))
      .sort((one, other) => (one.rank < other.rank ? -1 : 1));
  }
}

const rank = ({ heat, name, id }: SearchedRepository, bonus: number): string => rankOf(scoreOf(heat) + bonus, name, id);

function scopesOf({ everything, namespaces }: Audience): Scope[] {
  if (everything || namespaces.length > MOST_NAMESPACES) return [{ visibility: 'public' }, { visibility: 'private' }];
  return [
    { visibility: 'public' },
    ...namespaces.map((namespaceId): Scope => ({ visibility: 'private', namespaceId })),
  ];
}

function scopesIn(namespaceId: string, { everything, namespaces }: Audience): Scope[] {
  const open: Scope = { visibility: 'public', namespaceId };
  return everything || namespaces.includes(namespaceId) ? [open, { visibility: 'private', namespaceId }] : [open];
}

const under = (gram: Gram, { visibility, namespaceId }: Scope) =>
  namespaceId === undefined
    ? { index: 'byVisibility', equals: [gram, visibility] }
    : { index: 'byNamespace', equals: [namespaceId, visibility, gram] };

/** Puts readings, each in order, into one order; what stands first in one is only read when its turn may come. */
async function* merged(readings: readonly Candidates[]): Candidates {
  const heads: { next: Candidate; reading: Candidates }[] = [];
  const advance = async (reading: Candidates): Promise<void> => {
    const { value, done } = await reading.next();
    if (done !== true) heads.push({ next: value, reading });
  };
  for (const reading of readings) await advance(reading);
  for (;;) {
    const first = heads.reduce<number>(
      (best, { next }, index) => (next.rank < (heads[best]?.next.rank ?? next.rank) ? index : best),
      0,
    );
    const [head] = heads.splice(first, 1);
    if (!head) return;
    yield head.next;
    await advance(head.reading);
  }
}
