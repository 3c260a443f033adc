import Type from 'typebox';
import { may, type Subject } from '../../../domain/access.js';
import type { AccountId } from '../../../domain/shared/ids.js';
import type { Api } from '../api.js';
import { optional } from '../framework/body.js';
import type { UserCaller } from '../framework/call.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { flag } from '../framework/kinds.js';
import { NotFound } from '../framework/problems.js';
import { integerParameter } from '../framework/query.js';
import { NotificationView, viewOfNotification } from './notificationViews.js';

export class NotificationBody {
  @optional(flag()) readonly dismissed?: boolean;
}

const LIST = '/api/v1/user/notifications';
const ONE = `${LIST}/{uuid}` as const;

/** What waits for somebody's attention in the UI (contract: accounts §4). */
export const notificationEndpoints = ({ rules, commands, queries, directory }: Api): readonly Endpoint[] => {
  /** For whom a notification may be that he sees. */
  async function targetsOf(subject: Subject, { id }: UserCaller): Promise<string[]> {
    const memberships = await queries.organizations.membershipsOf(`user:${id}`);
    const administered = memberships.filter(({ role }) => role === 'admin');
    return [
      `user:${id}`,
      ...new Set(administered.map(({ namespaceId }) => `organization:${namespaceId}`)),
      ...(may(subject, { on: 'instance', to: 'administer' }, directory.policy) ? ['superusers'] : []),
    ];
  }

  async function shown(subject: Subject, caller: UserCaller, uuid: string): Promise<NotificationView> {
    const found = await queries.notifications.one(uuid, await targetsOf(subject, caller), caller.id);
    const view = found && (await viewOfNotification(found, queries));
    if (!view) throw new NotFound();
    return view;
  }

  const list = endpoint({
    operation: 'listUserNotifications',
    method: 'GET',
    path: LIST,
    module: 'user',
    summary: 'List the notifications for the logged in user.',
    scope: 'user:admin',
    internal: true,
    access: rules.user('admin'),
    query: {
      page: integerParameter('Offset page number. (int)', 0),
      limit: integerParameter('Limit on the number of results (int)', 5),
    },
    answers: { 200: Type.Object({ notifications: Type.Array(NotificationView), additional: Type.Boolean() }) },
    handle: async ({ query: { page, limit }, subject, target }) => {
      const size = Math.max(limit, 0);
      // Pages 0 and 1 are both the first, and each skips a row (contract: conventions §8).
      const first = Math.max(page - 1, 0) * (size + 1);
      const waiting = await queries.notifications.of(await targetsOf(subject, target), target.id);
      const views: NotificationView[] = [];
      // Others decide how many wait: no more of them are looked up than are shown.
      for (const each of waiting) {
        if (views.length > first + size) break;
        const view = each.dismissed ? undefined : await viewOfNotification(each, queries);
        if (view) views.push(view);
      }
      const rest = views.slice(first);
      return answer(200, { notifications: rest.slice(0, size), additional: rest.length > size });
    },
  });

  const get = endpoint({
    operation: 'getUserNotification',
    method: 'GET',
    path: ONE,
    module: 'user',
    summary: 'Returns the notification for the logged in user.',
    scope: 'user:admin',
    internal: true,
    access: rules.user('admin'),
    answers: { 200: NotificationView },
    handle: async ({ path, subject, target }) => answer(200, await shown(subject, target, path.uuid)),
  });

  const update = endpoint({
    operation: 'updateUserNotification',
    method: 'PUT',
    path: ONE,
    module: 'user',
    summary: 'Update a user notification.',
    scope: 'user:admin',
    internal: true,
    access: rules.user('admin'),
    body: NotificationBody,
    answers: { 200: NotificationView },
    handle: async ({ path, body: { dismissed = false }, subject, target, context }) => {
      const { id } = await shown(subject, target, path.uuid);
      await commands.choices.setDismissed(target.id as AccountId, id, dismissed, context);
      return answer(200, await shown(subject, target, id));
    },
  });
  return [list, get, update];
};
