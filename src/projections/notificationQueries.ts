import type { Collection } from '../ports/documentStore.js';
import { dismissalKey, type DismissalDocument, type NotificationDocument } from './notifications.js';
import { everything } from './pages.js';

/** A notification, and whether the one who asks has dismissed it. */
export type SeenNotification = NotificationDocument & { readonly dismissed: boolean };

export class NotificationQueries {
  constructor(
    private readonly notifications: Collection<NotificationDocument>,
    private readonly dismissals: Collection<DismissalDocument>,
  ) {}

  /** What is for one of these targets, newest first. */
  async of(targets: readonly string[], accountId: string): Promise<readonly SeenNotification[]> {
    const found = await Promise.all(
      targets.map((target) => everything(this.notifications, { index: 'byTarget', equals: [target] })),
    );
    const sorted = found
      .flat()
      .sort((one, other) => (one.at === other.at ? order(one, other) : one.at < other.at ? 1 : -1));
    return this.#seen(sorted, accountId);
  }

  /** One of them, if it is for one of these targets. */
  async one(id: string, targets: readonly string[], accountId: string): Promise<SeenNotification | undefined> {
    const { documents } = await this.notifications.find({ index: 'byId', equals: [id], limit: 1 });
    const visible = documents.filter(({ target }) => targets.includes(target));
    return (await this.#seen(visible, accountId))[0];
  }

  async #seen(found: readonly NotificationDocument[], accountId: string): Promise<SeenNotification[]> {
    const dismissed = await this.dismissals.getMany(found.map(({ id }) => dismissalKey(accountId, id)));
    return found.map((notification, index) => ({ ...notification, dismissed: dismissed[index] !== undefined }));
  }
}

/** Ids rise with time, also within one millisecond. */
const order = (one: NotificationDocument, other: NotificationDocument): number => (one.id < other.id ? 1 : -1);
