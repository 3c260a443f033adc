import type { FederatedIdentity, NamespaceEvents } from '../domain/namespace/events.js';
import type { JsonObject } from '../domain/shared/json.js';
import type { Sealed } from '../domain/shared/sealed.js';
import type { Timestamp } from '../domain/shared/time.js';
import type { Collection } from '../ports/documentStore.js';
import { prefixed } from './keyRange.js';
import type { NamespaceQueries } from './namespaces.js';
import { everything } from './pages.js';
import { on, type DocumentView, type ProjectedEvent, type Projection } from './projection.js';

export type RobotDocument = {
  readonly id: string;
  readonly namespaceId: string;
  readonly shortName: string;
  readonly description: string;
  readonly metadata: JsonObject | null;
  readonly created: Timestamp;
  readonly token: Sealed;
  /** The event that the sealed token is bound to, as `<event id>/token`. */
  readonly tokenEvent: string;
  readonly tokenGeneration: number;
  /** Where it was last changed whom the robot trusts; 0: never. */
  readonly federationRevision: number;
  /** Rises with each new token and each change of whom it trusts: what was issued for a lower one is void. */
  readonly generation: number;
  readonly federation: readonly FederatedIdentity[];
};

const ROBOTS = 'robots';
const namespace = on<NamespaceEvents>();
const own = ({ robotId }: { readonly robotId: string }) => [{ collection: ROBOTS, key: robotId }];

function change(robotId: string, view: DocumentView, by: Partial<RobotDocument>): void {
  const robot = view.get<RobotDocument>(ROBOTS, robotId);
  if (!robot) return;
  const changed = { ...robot, ...by };
  view.put(ROBOTS, robotId, { ...changed, generation: changed.tokenGeneration + changed.federationRevision });
}

/** Robots by id and by the namespace and name that they have. */
export const robots: Projection = {
  name: 'robots',
  version: 1,
  collections: [{ name: ROBOTS, indexes: { byName: ['namespaceId', 'shortName'] } }],
  handlers: {
    ...namespace('RobotCreated', {
      apply: ({ robotId, ...data }, { id, streamId, at }: ProjectedEvent, view) => {
        const { shortName, description, metadata, token } = data;
        const document: RobotDocument = {
          ...{ id: robotId, namespaceId: streamId, shortName, description, metadata },
          ...{ created: at, token, tokenEvent: id, federation: [] },
          ...{ tokenGeneration: 1, federationRevision: 0, generation: 1 },
        };
        view.put(ROBOTS, robotId, document);
      },
    }),
    ...namespace('RobotTokenRegenerated', {
      reads: own,
      apply: ({ robotId, token, generation }, { id }, view) => {
        change(robotId, view, { token, tokenEvent: id, tokenGeneration: generation });
      },
    }),
    ...namespace('RobotFederationSet', {
      reads: own,
      apply: ({ robotId, config }, { revision }, view) => {
        change(robotId, view, { federation: config, federationRevision: revision });
      },
    }),
    ...namespace('RobotDeleted', {
      apply: ({ robotId }, _, view) => {
        view.put(ROBOTS, robotId, undefined);
      },
    }),
  },
};

/** Robots of namespaces that are there: those of a deleted one stay written down, but nobody finds them. */
export class RobotQueries {
  constructor(
    private readonly collection: Collection<RobotDocument>,
    private readonly namespaces: Pick<NamespaceQueries, 'byId'>,
  ) {}

  async byId(id: string): Promise<RobotDocument | undefined> {
    const robot = await this.collection.get(id);
    return robot && (await this.#lives(robot.namespaceId)) ? robot : undefined;
  }

  async byName(namespaceId: string, shortName: string): Promise<RobotDocument | undefined> {
    const { documents } = await this.collection.find({ index: 'byName', equals: [namespaceId, shortName], limit: 1 });
    return documents[0] && (await this.#lives(namespaceId)) ? documents[0] : undefined;
  }

  /** In the order of the ids; undefined where there is none. Deleted namespaces are not asked about. */
  byIds(ids: readonly string[]): Promise<readonly (RobotDocument | undefined)[]> {
    return this.collection.getMany(ids);
  }

  /** All robots of a namespace, in order of name. */
  async inNamespace(namespaceId: string): Promise<readonly RobotDocument[]> {
    if (!(await this.#lives(namespaceId))) return [];
    return everything(this.collection, { index: 'byName', equals: [namespaceId] });
  }

  /** Robots of a namespace whose short names begin so, in order of name. */
  async named(namespaceId: string, prefix: string, limit: number): Promise<readonly RobotDocument[]> {
    if (!(await this.#lives(namespaceId))) return [];
    const range = prefix === '' ? {} : prefixed(prefix);
    return (await this.collection.find({ index: 'byName', equals: [namespaceId], ...range, limit })).documents;
  }

  async #lives(namespaceId: string): Promise<boolean> {
    return (await this.namespaces.byId(namespaceId)) !== undefined;
  }
}
