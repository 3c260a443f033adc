import Type from 'typebox';
import type { AccountId } from '../../../domain/shared/ids.js';
import type { JsonObject } from '../../../domain/shared/json.js';
import { timestamp, type Timestamp } from '../../../domain/shared/time.js';
import type { ServiceKeyDocument } from '../../../projections/serviceKeys.js';
import type { Api } from '../api.js';
import { optional, required } from '../framework/body.js';
import type { UserCaller } from '../framework/call.js';
import { answer, endpoint, type Endpoint, type Refusals } from '../framework/endpoint.js';
import { decimal, nullable, object, text } from '../framework/kinds.js';
import { InvalidRequest, NotFound } from '../framework/problems.js';
import { superuserRules } from './access.js';
import { MadeServiceKeyView, ServiceKeyView, serviceKeyView } from './serviceKeyViews.js';

const NOTES = text({ max: 4_096 });

class NewServiceKey {
  @required(text()) readonly service!: string;
  /** Seconds since 1970. */
  @required(nullable(decimal())) readonly expiration!: number | null;
  @optional(text()) readonly name?: string;
  @optional(object()) readonly metadata?: JsonObject;
  @optional(NOTES) readonly notes?: string;
}

class ChangedServiceKey {
  @optional(text()) readonly name?: string;
  @optional(object()) readonly metadata?: JsonObject;
  @optional(nullable(decimal())) readonly expiration?: number | null;
}

class Approval {
  @optional(NOTES) readonly notes?: string;
}

const refusals: Refusals = {
  'service-key-unknown': () => new NotFound(),
  'service-key-name-invalid': ({ message }) => new InvalidRequest(message),
};

/** The end of the year 9999, after which moments are written in another way. */
const LATEST_SECONDS = 253_402_300_799;

/** @throws InvalidRequest */
function momentOf(seconds: number | null, now: Timestamp, past: string): Timestamp | null {
  if (seconds === null) return null;
  if (Math.abs(seconds) > LATEST_SECONDS)
    throw new InvalidRequest(`Invalid expiration date: ${seconds} is out of range`);
  const moment = timestamp(Math.floor(seconds * 1000));
  if (moment <= now) throw new InvalidRequest(past);
  return moment;
}

const ALL = '/api/v1/superuser/keys';
const ONE = `${ALL}/{kid}` as const;
const common = { module: 'superuser', scope: 'super:user' } as const;

/** The public keys of services (contract: superuser §5). */
export function serviceKeyEndpoints(api: Api): readonly Endpoint[] {
  const { commands, queries } = api;
  const { inspect, administer } = superuserRules(api);

  const found = async (kid: string): Promise<ServiceKeyDocument> => {
    const key = await queries.serviceKeys.byId(kid);
    if (!key) throw new NotFound();
    return key;
  };
  const view = async (kid: string) => serviceKeyView(await found(kid), api);
  const approvedBy = ({ id }: UserCaller, notes = '') =>
    ({ approvalType: 'Super User API', approver: id as AccountId, notes }) as const;

  const list = endpoint({
    ...common,
    operation: 'listServiceKeys',
    method: 'GET',
    path: ALL,
    summary: 'List all service keys in the system.',
    access: inspect,
    answers: { 200: Type.Object({ keys: Type.Array(ServiceKeyView) }) },
    handle: async () => {
      const all = await queries.serviceKeys.all();
      return answer(200, { keys: await Promise.all(all.map((key) => serviceKeyView(key, api))) });
    },
  });

  const create = endpoint({
    ...common,
    operation: 'createServiceKey',
    method: 'POST',
    path: ALL,
    summary: 'Create a new service key.',
    access: administer,
    fresh: true,
    body: NewServiceKey,
    answers: { 200: MadeServiceKeyView },
    refusals,
    handle: async ({ body, target, context, now }) => {
      const { service, name = '', metadata = {} } = body;
      const expires = momentOf(body.expiration, now, 'Expiration date cannot be in the past');
      const made = await commands.serviceKeys.make(
        {
          ...{ service, name, expires },
          metadata: { ...metadata, created_by: 'Quay Superuser Panel', creator: target.name },
        },
        approvedBy(target, body.notes),
        context,
      );
      return answer(200, {
        ...{ kid: made.kid, name, service },
        ...{ public_key: made.publicKey, private_key: made.privateKey },
      });
    },
  });

  const show = endpoint({
    ...common,
    operation: 'getServiceKey',
    method: 'GET',
    path: ONE,
    summary: 'Get a specific service key.',
    access: inspect,
    answers: { 200: ServiceKeyView },
    handle: async ({ path }) => answer(200, await view(path.kid)),
  });

  const change = endpoint({
    ...common,
    operation: 'updateServiceKey',
    method: 'PUT',
    path: ONE,
    summary: 'Update the service key.',
    access: administer,
    fresh: true,
    body: ChangedServiceKey,
    answers: { 200: ServiceKeyView },
    refusals,
    handle: async ({ path, body, context, now }) => {
      await found(path.kid);
      const { name, metadata, expiration } = body;
      const expires =
        expiration === undefined ? undefined : momentOf(expiration, now, 'Cannot have an expiration date in the past');
      await commands.serviceKeys.change({ kid: path.kid, name, metadata, expires }, context);
      return answer(200, await view(path.kid));
    },
  });

  const remove = endpoint({
    ...common,
    operation: 'deleteServiceKey',
    method: 'DELETE',
    path: ONE,
    summary: 'Delete the service key.',
    access: administer,
    fresh: true,
    answers: { 204: null },
    refusals,
    handle: async ({ path, context }) => {
      await commands.serviceKeys.delete(path.kid, null, context);
      return answer(204, null);
    },
  });

  const approve = endpoint({
    ...common,
    operation: 'approveServiceKey',
    method: 'POST',
    path: '/api/v1/superuser/approvedkeys/{kid}',
    summary: 'Approve a service key.',
    access: administer,
    fresh: true,
    body: Approval,
    // The web UI of Quay sends none.
    bodyOptional: true,
    answers: { 201: null },
    refusals,
    handle: async ({ path, body, target, context }) => {
      await commands.serviceKeys.approve(path.kid, approvedBy(target, body.notes), context);
      return answer(201, null);
    },
  });

  return [list, create, show, change, remove, approve];
}
