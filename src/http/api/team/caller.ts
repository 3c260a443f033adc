import type { Administrator } from '../../../domain/organization/administrators.js';
import type { AccountId } from '../../../domain/shared/ids.js';
import type { Incoming } from '../framework/call.js';
import { Forbidden } from '../framework/problems.js';

/** Who changes an organization, as its stream judges him. */
export function administratorOf({
  subject: { caller },
  context,
}: Pick<Incoming, 'subject' | 'context'>): Administrator {
  // Robots have no way into this API.
  if (caller.kind !== 'user') throw new Forbidden();
  return { id: caller.id as AccountId, name: caller.name, superuser: context.asSuperuser };
}
