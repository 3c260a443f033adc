import type { Api } from '../api.js';
import type { Endpoint } from '../framework/endpoint.js';
import { emailInviteEndpoints } from './emailInvites.js';
import { inviteAnswerEndpoints } from './inviteAnswers.js';
import { teamMemberEndpoints } from './members.js';
import { teamEndpoints } from './teams.js';

/** Teams, their members and invites (contract: organizations §3, §4). Who was asked by mail needs mail to answer. */
export const allTeamEndpoints = (api: Api): readonly Endpoint[] => [
  ...teamEndpoints(api),
  ...teamMemberEndpoints(api),
  ...(api.settings.isOn('MAILING') ? [...emailInviteEndpoints(api), ...inviteAnswerEndpoints(api)] : []),
];
