import type { UserCaller } from '../framework/call.js';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { Unauthenticated } from '../framework/problems.js';
import { flagParameter, integerParameter } from '../framework/query.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import { NewRobotBody } from './bodies.js';
import { ApiRobots, robotRefusals as refusals } from './robots.js';
import { unrestricted } from './rules.js';
import { NewRobotView, RegeneratedRobotView, RobotListView, RobotPermissionsView, RobotView } from './views.js';

export const LISTING = {
  permissions: flagParameter('Whether to include the teams and repositories of each robot.'),
  token: flagParameter('Whether to include tokens.', true),
  limit: integerParameter('At most so many robots.'),
};

/** Somebody's own namespace. */
export async function ownNamespace(api: Api, { namespaceId }: UserCaller): Promise<NamespaceDocument> {
  const namespace = await api.queries.namespaces.byId(namespaceId);
  // He was deleted a moment ago.
  if (!namespace) throw new Unauthenticated();
  return namespace;
}

/** Robots of the signed-in user (contract: accounts §7). */
export function userRobotEndpoints(api: Api): readonly Endpoint[] {
  const robots = new ApiRobots(api);
  const own = (caller: UserCaller): Promise<NamespaceDocument> => ownNamespace(api, caller);
  const reading = { module: 'robot', scope: 'user:admin', access: api.rules.user('admin') } as const;
  const writing = { module: 'robot', scope: 'user:admin', access: unrestricted(api.rules), refusals } as const;
  return [
    endpoint({
      ...{ operation: 'getUserRobots', method: 'GET', path: '/api/v1/user/robots', ...reading },
      summary: "List the user's robots.",
      query: LISTING,
      answers: { 200: RobotListView },
      handle: async ({ target, query: { token: tokens, permissions, limit } }) =>
        answer(200, { robots: await robots.list(await own(target), { tokens, permissions, limit }) }),
    }),
    endpoint({
      ...{ operation: 'getUserRobot', method: 'GET', path: '/api/v1/user/robots/{robot_shortname}', ...reading },
      summary: "Show one of the user's robots, with its token.",
      answers: { 200: RobotView },
      handle: async ({ target, path }) => answer(200, await robots.one(await own(target), path.robot_shortname, true)),
    }),
    endpoint({
      ...{ operation: 'createUserRobot', method: 'PUT', path: '/api/v1/user/robots/{robot_shortname}', ...writing },
      summary: 'Create a robot of the user.',
      body: NewRobotBody,
      bodyOptional: 'lenient',
      answers: { 201: NewRobotView },
      handle: async ({ target, path, body, context }) =>
        answer(201, await robots.create(await own(target), path.robot_shortname, body, context)),
    }),
    endpoint({
      ...{ operation: 'deleteUserRobot', method: 'DELETE', path: '/api/v1/user/robots/{robot_shortname}', ...writing },
      summary: "Delete one of the user's robots.",
      answers: { 204: null },
      handle: async ({ target, path, context }) => {
        await robots.delete(await own(target), path.robot_shortname, context);
        return answer(204, null);
      },
    }),
    endpoint({
      operation: 'getUserRobotPermissions',
      method: 'GET',
      path: '/api/v1/user/robots/{robot_shortname}/permissions',
      ...reading,
      summary: "List what one of the user's robots may do in which repositories.",
      answers: { 200: RobotPermissionsView },
      handle: async ({ target, path }) =>
        answer(200, await robots.permissions(await own(target), path.robot_shortname)),
    }),
    endpoint({
      operation: 'regenerateUserRobotToken',
      method: 'POST',
      path: '/api/v1/user/robots/{robot_shortname}/regenerate',
      ...writing,
      summary: "Give one of the user's robots another token; the old one is void at once.",
      answers: { 200: RegeneratedRobotView },
      handle: async ({ target, path, context }) =>
        answer(200, await robots.regenerate(await own(target), path.robot_shortname, context)),
    }),
  ];
}
