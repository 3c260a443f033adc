import { activityAggregate } from '../domain/activity/activity.js';
import type { ActivityEvent, ActivityEvents } from '../domain/activity/events.js';
import type { NamespaceId } from '../domain/shared/ids.js';
import type { Clock, Ids } from '../ports/clock.js';
import type { CommandContext } from './context.js';
import { activityStream, monthOf } from './streamNames.js';
import type { Streams } from './streams.js';

/** What happens without changing anything, each written down before it is answered; pulls are in `pulls.ts`. */
export class ActivityCommands {
  readonly #start: string;

  constructor(private readonly deps: { readonly streams: Streams; readonly clock: Clock; readonly ids: Ids }) {
    this.#start = deps.ids.next();
  }

  async robotTokenExchanged(
    namespaceId: NamespaceId,
    data: ActivityEvents['RobotTokenExchanged'],
    context: CommandContext,
  ): Promise<void> {
    await this.#append(namespaceId, { type: 'RobotTokenExchanged', data }, context);
  }

  async #append(namespaceId: NamespaceId, event: ActivityEvent, context: CommandContext): Promise<void> {
    const { streams, clock } = this.deps;
    const stream = activityStream(namespaceId, monthOf(clock.now()), this.#start);
    await streams.decide(activityAggregate, stream, context, () => [event]);
  }
}
