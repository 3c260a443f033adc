import Type from 'typebox';
import type { ApplicationDescription } from '../../../commands/applications.js';
import { may } from '../../../domain/access.js';
import type { NamespaceId } from '../../../domain/shared/ids.js';
import type { ApplicationDocument } from '../../../projections/applications.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { Api } from '../api.js';
import { optional, required } from '../framework/body.js';
import type { Incoming } from '../framework/call.js';
import { answer, endpoint, type Endpoint, type Refusals } from '../framework/endpoint.js';
import { text } from '../framework/kinds.js';
import { InvalidRequest, NotFound } from '../framework/problems.js';
import { applicationOf } from './found.js';
import { ApplicationView, applicationView } from './views.js';

/** Bounds of our own: an event is small, and nobody writes more. */
const NAME = text({ max: 255 });
const ADDRESS = text({ max: 2_048 });
const DESCRIPTION = text({ max: 10_000 });

class NewApplication {
  @required(NAME) readonly name!: string;
  @optional(ADDRESS) readonly redirect_uri?: string;
  @optional(ADDRESS) readonly application_uri?: string;
  @optional(DESCRIPTION) readonly description?: string;
  @optional(NAME) readonly avatar_email?: string;
}

class ChangedApplication {
  @required(NAME) readonly name!: string;
  @required(ADDRESS) readonly redirect_uri!: string;
  @required(ADDRESS) readonly application_uri!: string;
  @optional(DESCRIPTION) readonly description?: string;
  @optional(NAME) readonly avatar_email?: string;
}

/** What either body says; what it leaves out is empty. */
type Described = { readonly [member in keyof NewApplication]: NewApplication[member] };

const described = (body: Described): ApplicationDescription => ({
  name: body.name,
  description: body.description ?? '',
  applicationUri: body.application_uri ?? '',
  redirectUri: body.redirect_uri ?? '',
  avatarEmail: body.avatar_email ?? null,
});

const refusals: Refusals = {
  'application-unknown': () => new NotFound(),
  'application-name-reserved': ({ message }) => new InvalidRequest(message),
};

const ALL = '/api/v1/organization/{orgname}/applications';
const ONE = `${ALL}/{client_id}` as const;

/** OAuth applications of an organization (contract: organizations §7.1). */
export function applicationEndpoints(api: Api): readonly Endpoint[] {
  const { commands, queries, directory, sealing, rules } = api;

  /** Who may only look sees neither secrets nor addresses. */
  const administers = async ({ subject }: Incoming, namespace: NamespaceDocument): Promise<boolean> => {
    const there = await directory.namespaceFacts(subject.caller, namespace);
    return may(subject, { on: 'namespace', to: 'administer', there }, directory.policy);
  };
  const whole = (application: ApplicationDocument) => applicationView(application, true, sealing);
  const found = (namespace: NamespaceDocument, clientId: string) => applicationOf(queries, namespace, clientId);
  const idOf = ({ id }: NamespaceDocument): NamespaceId => id as NamespaceId;

  return [
    endpoint({
      operation: 'getOrganizationApplications',
      method: 'GET',
      path: ALL,
      module: 'organization',
      summary: 'List the applications for the specified organization.',
      scope: 'org:admin',
      access: rules.organization('audit'),
      answers: { 200: Type.Object({ applications: Type.Array(ApplicationView) }) },
      handle: async (call) => {
        const shown = await administers(call, call.target);
        const all = await queries.applications.inNamespace(call.target.id);
        const applications = await Promise.all(all.map((each) => applicationView(each, shown, sealing)));
        return answer(200, { applications });
      },
    }),
    endpoint({
      operation: 'createOrganizationApplication',
      method: 'POST',
      path: ALL,
      module: 'organization',
      summary: 'Creates a new application under this organization.',
      scope: 'org:admin',
      access: rules.organization('administer'),
      body: NewApplication,
      answers: { 200: ApplicationView },
      refusals,
      handle: async ({ body, target, context }) => {
        const clientId = await commands.applications.register(idOf(target), described(body), context);
        return answer(200, await whole(await found(target, clientId)));
      },
    }),
    endpoint({
      operation: 'getOrganizationApplication',
      method: 'GET',
      path: ONE,
      module: 'organization',
      summary: 'Retrieve the application with the specified client_id under the specified organization.',
      scope: 'org:admin',
      access: rules.organization('audit'),
      answers: { 200: ApplicationView },
      handle: async (call) => {
        const application = await found(call.target, call.path.client_id);
        return answer(200, await applicationView(application, await administers(call, call.target), sealing));
      },
    }),
    endpoint({
      operation: 'updateOrganizationApplication',
      method: 'PUT',
      path: ONE,
      module: 'organization',
      summary: 'Updates an application under this organization.',
      scope: 'org:admin',
      access: rules.organization('administer'),
      body: ChangedApplication,
      answers: { 200: ApplicationView },
      refusals,
      handle: async ({ path, body, target, context }) => {
        const { clientId } = await found(target, path.client_id);
        await commands.applications.change(idOf(target), clientId, described(body), context);
        return answer(200, await whole(await found(target, clientId)));
      },
    }),
    endpoint({
      operation: 'deleteOrganizationApplication',
      method: 'DELETE',
      path: ONE,
      module: 'organization',
      summary: 'Deletes the application under this organization.',
      scope: 'org:admin',
      access: rules.organization('administer'),
      answers: { 204: null },
      refusals,
      handle: async ({ path, target, context }) => {
        await commands.applications.remove(idOf(target), path.client_id, context);
        return answer(204, null);
      },
    }),
    endpoint({
      operation: 'resetOrganizationApplicationClientSecret',
      method: 'POST',
      path: `${ONE}/resetclientsecret`,
      module: 'organization',
      summary: 'Resets the client secret of the application.',
      internal: true,
      scope: 'org:admin',
      access: rules.organization('administer'),
      answers: { 200: ApplicationView },
      refusals,
      handle: async ({ path, target, context }) => {
        await commands.applications.resetSecret(idOf(target), path.client_id, context);
        return answer(200, await whole(await found(target, path.client_id)));
      },
    }),
  ];
}
