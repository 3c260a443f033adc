import type { RepositoryId } from '../shared/ids.js';
import type { AccountEvent } from './events.js';
import { active, type Account } from './account.js';

/** What somebody arranges for himself alone. */
export function decideStar(repositoryId: RepositoryId, starred: boolean, state: Account): AccountEvent[] {
  if (active(state).stars.has(repositoryId) === starred) return [];
  return [{ type: starred ? 'RepositoryStarred' : 'RepositoryUnstarred', data: { repositoryId } }];
}

export function decideDismiss(notificationId: string, dismissed: boolean, state: Account): AccountEvent[] {
  if (active(state).dismissed.has(notificationId) === dismissed) return [];
  return [{ type: 'NotificationDismissed', data: { notificationId, dismissed } }];
}
