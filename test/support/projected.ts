import type { EventType } from '../../src/domain/catalogue.js';
import { position } from '../../src/domain/shared/ids.js';
import type { JsonObject } from '../../src/domain/shared/json.js';
import type { Timestamp } from '../../src/domain/shared/time.js';
import { LaneFeed } from '../../src/projections/feed.js';
import type { ProjectedEvent, Projection } from '../../src/projections/projection.js';
import { laneSpec } from '../../src/projections/projector.js';
import type { Lane } from '../../src/ports/documentStore.js';
import { NOW } from './repositoryEvents.js';
import { streamName, testEventId } from './testLog.js';
import type { World } from './world.js';

/** Feeds read models of a world with events, as if they had happened to some stream. */
export class TestFeed {
  #happened = 0;

  constructor(
    private readonly world: World,
    private readonly projections: readonly Projection[],
  ) {}

  lane(projection: Projection): Promise<Lane> {
    return this.world.stores.documents.active(laneSpec(projection));
  }

  /** @param stream `<category>-<id>` */
  async happened(
    stream: string,
    events: readonly { readonly type: EventType; readonly data: JsonObject }[],
    at: Timestamp = NOW,
  ): Promise<void> {
    const streamId = stream.slice(stream.indexOf('-') + 1);
    const batch = events.map(({ type, data }): ProjectedEvent => {
      const number = ++this.#happened;
      const place = { id: testEventId(number), revision: number, position: position(number) };
      return { ...place, type, data, stream: streamName(stream), streamId, at };
    });
    for (const projection of this.projections) {
      await (await LaneFeed.open(projection, await this.lane(projection))).apply(batch);
    }
  }
}
