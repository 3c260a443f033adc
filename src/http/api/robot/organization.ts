import { may } from '../../../domain/access.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { Api } from '../api.js';
import type { Incoming } from '../framework/call.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { Message, PlainAbort } from '../framework/problems.js';
import { NewRobotBody } from './bodies.js';
import { ApiRobots, robotRefusals as refusals } from './robots.js';
import { existing } from './rules.js';
import { LISTING } from './user.js';
import { NewRobotView, RegeneratedRobotView, RobotListView, RobotPermissionsView, RobotView } from './views.js';

const NOWHERE = { namespaceId: '', membership: undefined };

/** Robots of an organization; lists and deletions also serve one's own namespace (contract: accounts §7). */
export function organizationRobotEndpoints(api: Api): readonly Endpoint[] {
  const { rules, directory } = api;
  const robots = new ApiRobots(api);
  const module = 'robot';
  const scope = 'org:admin';
  const administering = { module, scope, access: existing(rules.namespace('administer')), refusals } as const;

  type At = NamespaceDocument | undefined;
  const mayBe = async ({ subject }: Pick<Incoming, 'subject'>, to: 'administer' | 'audit', namespace: At) => {
    const there = namespace ? await directory.namespaceFacts(subject.caller, namespace) : NOWHERE;
    return may(subject, { on: 'namespace', to, there }, directory.policy);
  };

  return [
    endpoint({
      ...{ operation: 'getOrgRobots', method: 'GET', path: '/api/v1/organization/{orgname}/robots', module, scope },
      summary: "List the organization's robots.",
      access: rules.namespace('see-members'),
      query: LISTING,
      answers: { 200: RobotListView },
      handle: async (call) => {
        const { target, query } = call;
        const tokens = query.token && (await mayBe(call, 'administer', target));
        const permissions = query.permissions && (await mayBe(call, 'audit', target));
        return answer(200, { robots: await robots.list(target, { tokens, permissions, limit: query.limit }) });
      },
    }),
    endpoint({
      operation: 'getOrgRobot',
      method: 'GET',
      path: '/api/v1/organization/{orgname}/robots/{robot_shortname}',
      ...{ module, scope, access: existing(rules.namespace('audit')) },
      summary: "Show one of the organization's robots.",
      answers: { 200: RobotView },
      handle: async (call) => {
        const withToken = await mayBe(call, 'administer', call.target);
        return answer(200, await robots.one(call.target, call.path.robot_shortname, withToken));
      },
    }),
    endpoint({
      operation: 'createOrgRobot',
      method: 'PUT',
      path: '/api/v1/organization/{orgname}/robots/{robot_shortname}',
      ...administering,
      summary: 'Create a robot of the organization.',
      body: NewRobotBody,
      bodyOptional: 'lenient',
      answers: { 201: NewRobotView },
      handle: async ({ target, path, body, context }) =>
        answer(201, await robots.create(target, path.robot_shortname, body, context)),
    }),
    endpoint({
      operation: 'deleteOrgRobot',
      method: 'DELETE',
      path: '/api/v1/organization/{orgname}/robots/{robot_shortname}',
      ...{ module, scope, access: rules.namespace('administer'), refusals },
      summary: "Delete one of the organization's robots.",
      answers: { 204: null },
      handle: async ({ target, path, context }) => {
        await robots.delete(target, path.robot_shortname, context);
        return answer(204, null);
      },
    }),
    endpoint({
      operation: 'getOrgRobotPermissions',
      method: 'GET',
      path: '/api/v1/organization/{orgname}/robots/{robot_shortname}/permissions',
      ...{ module, scope: 'user:admin', access: rules.user('admin') },
      summary: "List what one of the organization's robots may do in which repositories.",
      answers: { 200: RobotPermissionsView },
      handle: async (call) => {
        const { orgname, robot_shortname: shortName } = call.path;
        const namespace = await directory.namespace(orgname);
        if (!(await mayBe(call, 'audit', namespace))) throw new PlainAbort(403);
        if (namespace?.kind !== 'organization') throw new Message(400, `Organization does not exist: ${orgname}`);
        return answer(200, await robots.permissions(namespace, shortName));
      },
    }),
    endpoint({
      operation: 'regenerateOrgRobotToken',
      method: 'POST',
      path: '/api/v1/organization/{orgname}/robots/{robot_shortname}/regenerate',
      ...administering,
      summary: "Give one of the organization's robots another token; the old one is void at once.",
      answers: { 200: RegeneratedRobotView },
      handle: async ({ target, path, context }) =>
        answer(200, await robots.regenerate(target, path.robot_shortname, context)),
    }),
  ];
}
