import type { RepositoryId } from '../shared/ids.js';
import type { AccountEvent } from './events.js';
import { DomainError } from '../shared/errors.js';
import { active, type Account } from './account.js';

const MOST_STARS = 10_000;

/** The more stars somebody has, the more each further one costs everybody. */
export class TooManyStars extends DomainError {
  readonly code = 'too-many-stars';
  constructor() {
    super(`At most ${MOST_STARS} repositories can be starred`);
  }
}

/** What somebody arranges for himself alone. @throws AccountUnknown, TooManyStars */
export function decideStar(repositoryId: RepositoryId, starred: boolean, state: Account): AccountEvent[] {
  const { stars } = active(state);
  if (stars.has(repositoryId) === starred) return [];
  if (starred && stars.size >= MOST_STARS) throw new TooManyStars();
  return [{ type: starred ? 'RepositoryStarred' : 'RepositoryUnstarred', data: { repositoryId } }];
}

export function decideDismiss(notificationId: string, dismissed: boolean, state: Account): AccountEvent[] {
  if (active(state).dismissed.has(notificationId) === dismissed) return [];
  return [{ type: 'NotificationDismissed', data: { notificationId, dismissed } }];
}
