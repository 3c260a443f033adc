import type { AccountEvents } from '../domain/account/events.js';
import type { EventType } from '../domain/catalogue.js';
import type { ApplicationEvents } from '../domain/organization/application/events.js';
import type { InviteEvents } from '../domain/organization/invite/events.js';
import type { TeamEvents } from '../domain/organization/team/events.js';
import type { ServiceKeyEvents } from '../domain/registry/serviceKey/events.js';
import type { JsonObject } from '../domain/shared/json.js';
import type { Timestamp } from '../domain/shared/time.js';
import type { Handler, ProjectedEvent, Projection } from './projection.js';

/** What people are told in the UI until they say that they have seen it (contract: accounts §4). */
export type NotificationKind = 'org_team_invite' | 'assigned_authorization' | 'service_key_submitted';

export type NotificationDocument = {
  readonly id: string;
  readonly kind: NotificationKind;
  /** `user:<id>`, `organization:<namespace id>` (its administrators), or `superusers`. */
  readonly target: string;
  readonly at: Timestamp;
  /** Ids of what it is about; names are found when it is read. */
  readonly about: JsonObject;
};

/** Its key: `<account id>/<notification id>`. */
export type DismissalDocument = { readonly dismissed: true };

export const NOTIFICATIONS = 'notifications';
export const DISMISSALS = 'dismissals';
export const dismissalKey = (accountId: string, notificationId: string): string => `${accountId}/${notificationId}`;

type Raised = {
  /** The id of what it is about, by which the events that end it find it. */
  readonly subject: string;
  readonly target: string;
  readonly about: JsonObject;
};

/** What an event does: it raises a notification, or ends the one of its subject. */
type Effect = { readonly type: EventType; readonly apply: Handler['apply'] };

const keyOf = (kind: NotificationKind, subject: string): string => `${kind}/${subject}`;

/** The one place where this read model trusts the catalogue, as `on` does for others. */
function effects<Map extends { readonly [type in EventType]?: JsonObject }>(kind: NotificationKind) {
  return {
    raisedBy: <Type extends keyof Map & EventType>(
      type: Type,
      raise: (data: Map[Type], event: ProjectedEvent) => Raised | undefined,
    ): Effect => ({
      type,
      apply: (event, view) => {
        const raised = raise(event.data, event);
        if (!raised) return;
        const { subject, target, about } = raised;
        const document: NotificationDocument = { id: event.id, kind, target, at: event.at, about };
        view.put(NOTIFICATIONS, keyOf(kind, subject), document);
      },
    }),
    endedBy: <Type extends keyof Map & EventType>(
      type: Type,
      subjectOf: (data: Map[Type]) => string | null,
    ): Effect => ({
      type,
      apply: (event, view) => {
        const subject = subjectOf(event.data);
        if (subject !== null) view.put(NOTIFICATIONS, keyOf(kind, subject), undefined);
      },
    }),
  };
}

const invite = effects<InviteEvents & TeamEvents>('org_team_invite');
const assignment = effects<ApplicationEvents>('assigned_authorization');
const serviceKey = effects<ServiceKeyEvents>('service_key_submitted');

/** A kind of notification is the events that raise it and those that end it. */
const kinds: readonly Effect[] = [
  invite.raisedBy('MemberInvited', ({ inviteId, teamId, invitee, inviter }, { streamId: namespaceId }) =>
    invitee.kind === 'user'
      ? { subject: inviteId, target: `user:${invitee.id}`, about: { inviteId, namespaceId, teamId, inviter } }
      : undefined,
  ),
  invite.endedBy('MemberJoined', ({ inviteId }) => inviteId),
  invite.endedBy('InviteWithdrawn', ({ inviteId }) => inviteId),
  invite.endedBy('InviteDeclined', ({ inviteId }) => inviteId),

  assignment.raisedBy('AuthorizationAssigned', ({ assignmentId, accountId }) => ({
    subject: assignmentId,
    target: `user:${accountId}`,
    about: { accountId },
  })),
  assignment.endedBy('AuthorizationAssignmentRemoved', ({ assignmentId }) => assignmentId),

  // A key that a superuser makes is approved at once.
  serviceKey.raisedBy('ServiceKeyCreated', ({ kid }) => ({ subject: kid, target: 'superusers', about: { kid } })),
  serviceKey.endedBy('ServiceKeyApproved', ({ kid }) => kid),
  serviceKey.endedBy('ServiceKeyDeleted', ({ kid }) => kid),
];

const dismissed: Effect = {
  type: 'NotificationDismissed',
  apply: ({ data, streamId }, view) => {
    const { notificationId, dismissed: isDismissed } = data as AccountEvents['NotificationDismissed'];
    const document: DismissalDocument = { dismissed: true };
    view.put(DISMISSALS, dismissalKey(streamId, notificationId), isDismissed ? document : undefined);
  },
};

function handlersOf(all: readonly Effect[]): Projection['handlers'] {
  const byType = new Map<EventType, Effect[]>();
  for (const effect of all) byType.set(effect.type, [...(byType.get(effect.type) ?? []), effect]);
  const handlers = [...byType].map(([type, ofType]): [EventType, Handler] => [
    type,
    {
      reads: () => [],
      apply: (event, view) => {
        for (const { apply } of ofType) apply(event, view);
      },
    },
  ]);
  return Object.fromEntries(handlers);
}

/** What waits for somebody's attention, and who has seen what. */
export const notifications: Projection = {
  name: 'notifications',
  version: 1,
  collections: [
    { name: NOTIFICATIONS, indexes: { byId: ['id'], byTarget: ['target', 'at'] } },
    { name: DISMISSALS, indexes: {} },
  ],
  handlers: handlersOf([...kinds, dismissed]),
};
