import type { AccountId } from '../shared/ids.js';
import type { Team, Teams } from './team/state.js';

/** Who asks for a change that may cost him his own right to it. */
export type Administrator = {
  readonly id: AccountId;
  readonly name: string;
  /** Administers every organization, whether he belongs to it or not. */
  readonly superuser: boolean;
};

/** People in a team of role `admin`; robots administer nothing by themselves. */
export function administratorsOf(teams: Teams): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { role, members } of teams.values()) {
    if (role !== 'admin') continue;
    for (const member of members) if (member.startsWith('user:')) found.add(member);
  }
  return found;
}

/**
 * Whether the caller would administer the organization no longer if a team ceased to make him an administrator. Who
 * lost that right to somebody else's change a moment ago is told so, too: two administrators cannot remove each other.
 */
export function wouldLoseAdmin(teams: Teams, caller: Administrator, without: Team): boolean {
  const key = `user:${caller.id}`;
  const others = [...teams.values()].filter(({ id, role }) => id !== without.id && role === 'admin');
  if (others.some(({ members }) => members.has(key))) return false;
  return !caller.superuser || (without.role === 'admin' && without.members.has(key));
}
