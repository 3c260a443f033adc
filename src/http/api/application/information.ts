import Type from 'typebox';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { NotFound } from '../framework/problems.js';
import { anyone } from '../framework/rules.js';
import { OrganizationView, organizationView } from '../organization/view.js';
import { AvatarView } from '../shared/portraits.js';

/** What everybody may know of an application (contract: organizations §7.1, "Public info"). */
export const applicationInformationEndpoints = (api: Api): readonly Endpoint[] => [
  endpoint({
    operation: 'getApplicationInformation',
    method: 'GET',
    path: '/api/v1/app/{client_id}',
    module: 'organization',
    summary: 'Get information on the specified application.',
    access: anyone,
    answers: {
      200: Type.Object({
        name: Type.String(),
        description: Type.String(),
        uri: Type.String(),
        avatar: AvatarView,
        organization: OrganizationView,
      }),
    },
    handle: async ({ path, subject }) => {
      const application = await api.queries.applications.application(path.client_id);
      const namespace = application && (await api.queries.namespaces.byId(application.namespaceId));
      if (!namespace) throw new NotFound();
      const { name, description, applicationUri: uri } = application;
      const organization = await organizationView(api, namespace, subject);
      return answer(200, {
        ...{ name, description, uri, avatar: await api.portraits.application(application, namespace) },
        // Whose members are whose is not what an application tells.
        organization: { ...organization, teams: {}, ordered_teams: [] },
      });
    },
  }),
];
