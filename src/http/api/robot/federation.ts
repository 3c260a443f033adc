import type { CommandContext } from '../../../commands/context.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { Api } from '../api.js';
import type { Incoming } from '../framework/call.js';
import { answer, endpoint, jsonOf, type Endpoint } from '../framework/endpoint.js';
import { federationIn, federationKind } from './bodies.js';
import { ApiRobots, idOf, robotRefusals as refusals } from './robots.js';
import { unrestricted } from './rules.js';
import { ownNamespace } from './user.js';
import { FederationView } from './views.js';

/** Whom robots trust: who proves there who he is may act as the robot (contract: accounts §7). */
export function federationEndpoints(api: Api): readonly Endpoint[] {
  const { rules, commands } = api;
  const robots = new ApiRobots(api);
  const ofUser = '/api/v1/user/robots/{robot_shortname}/federation';
  const ofOrganization = '/api/v1/organization/{orgname}/robots/{robot_shortname}/federation';
  const user = { module: 'robot', scope: 'user:admin' } as const;
  const organization = { module: 'robot', scope: 'org:admin' } as const;
  const changing = { ...user, access: unrestricted(rules), refusals } as const;
  const administering = { ...organization, access: rules.namespace('administer'), refusals } as const;

  const show = async (namespace: NamespaceDocument, shortName: string) => {
    const { federation } = await robots.found(namespace, shortName);
    return answer(200, [...federation]);
  };
  type Changing = Pick<Incoming, 'rawBody' | 'contentType'> & { readonly context: CommandContext };
  const set = async (namespace: NamespaceDocument, shortName: string, call: Changing) => {
    const wanted = federationIn(jsonOf(call, federationKind));
    const address = { namespaceId: idOf(namespace), shortName };
    return answer(200, [...(await commands.robots.setFederation(address, wanted, call.context))]);
  };
  const clear = async (namespace: NamespaceDocument, shortName: string, { context }: Changing) => {
    await commands.robots.setFederation({ namespaceId: idOf(namespace), shortName }, [], context);
    return answer(204, null);
  };

  return [
    endpoint({
      ...{ operation: 'getUserRobotFederation', method: 'GET', path: ofUser, ...user, access: rules.user('admin') },
      summary: "Show whom one of the user's robots trusts.",
      answers: { 200: FederationView },
      handle: async ({ target, path }) => show(await ownNamespace(api, target), path.robot_shortname),
    }),
    endpoint({
      ...{ operation: 'createUserRobotFederation', method: 'POST', path: ofUser, ...changing },
      summary: "Set whom one of the user's robots trusts.",
      bodyKind: federationKind,
      answers: { 200: FederationView },
      handle: async (call) => set(await ownNamespace(api, call.target), call.path.robot_shortname, call),
    }),
    endpoint({
      ...{ operation: 'deleteUserRobotFederation', method: 'DELETE', path: ofUser, ...changing },
      summary: "Let one of the user's robots trust nobody.",
      answers: { 204: null },
      handle: async (call) => clear(await ownNamespace(api, call.target), call.path.robot_shortname, call),
    }),
    endpoint({
      ...{ operation: 'getOrgRobotFederation', method: 'GET', path: ofOrganization },
      ...{ ...organization, access: rules.namespace('audit') },
      summary: "Show whom one of the organization's robots trusts.",
      answers: { 200: FederationView },
      handle: ({ target, path }) => show(target, path.robot_shortname),
    }),
    endpoint({
      ...{ operation: 'createOrgRobotFederation', method: 'POST', path: ofOrganization, ...administering },
      summary: "Set whom one of the organization's robots trusts.",
      bodyKind: federationKind,
      answers: { 200: FederationView },
      handle: (call) => set(call.target, call.path.robot_shortname, call),
    }),
    endpoint({
      ...{ operation: 'deleteOrgRobotFederation', method: 'DELETE', path: ofOrganization, ...administering },
      summary: "Let one of the organization's robots trust nobody.",
      answers: { 204: null },
      handle: (call) => clear(call.target, call.path.robot_shortname, call),
    }),
  ];
}
