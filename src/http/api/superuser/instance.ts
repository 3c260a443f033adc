import Type from 'typebox';
import { may } from '../../../domain/access.js';
import type { JsonObject } from '../../../domain/shared/json.js';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { Forbidden, PlainAbort } from '../framework/problems.js';
import { anyone, type Rule } from '../framework/rules.js';
import { superuserRules } from './access.js';

const Anything = Type.Unsafe<JsonObject>({ type: 'object', additionalProperties: true });

/** The program that serves the registry: what is new in it, how it is set up, its end (contract: superuser §7). */
export function instanceEndpoints(api: Api): readonly Endpoint[] {
  const { settings, rules, directory, queries, instance } = api;
  const { inspect } = superuserRules(api);

  const changeLog = endpoint({
    operation: 'getChangeLog',
    method: 'GET',
    path: '/api/v1/superuser/changelog/',
    module: 'superuser',
    summary: 'Returns the change log for this installation.',
    scope: 'super:user',
    access: inspect,
    fresh: true,
    internal: true,
    answers: { 200: Type.Object({ log: Type.String() }) },
    handle: async () => answer(200, { log: await instance.changes() }),
  });

  const configuration = endpoint({
    operation: 'getSuperUserConfig',
    method: 'GET',
    path: '/api/v1/superuser/config',
    module: 'superuser',
    summary: 'Returns the configuration of this installation, without its secrets.',
    scope: 'super:user',
    access: rules.superuser('inspect'),
    fresh: true,
    internal: true,
    answers: { 200: Type.Object({ config: Anything, warning: Anything, env: Anything, schema: Anything }) },
    handle: () => {
      if (!settings.isOn('SUPERUSER_CONFIGDUMP')) throw new Forbidden();
      return Promise.resolve(answer(200, instance.configuration()));
    },
  });

  const status = endpoint({
    operation: 'scRegistryStatus',
    method: 'GET',
    path: '/api/v1/superuser/registrystatus',
    module: 'suconfig',
    summary: 'Returns the status of the registry.',
    access: anyone,
    internal: true,
    answers: { 200: Type.Object({ status: Type.String(), provider_id: Type.Optional(Type.String()) }) },
    handle: () =>
      Promise.resolve(
        answer(200, settings.setupComplete ? { status: 'ready', provider_id: 'file' } : { status: 'setup-incomplete' }),
      ),
  });

  /** Who sets up an empty registry has nobody to be yet. */
  const mayShutDown: Rule<undefined> = {
    ...anyone,
    name: 'shutdown',
    admit: async ({ subject }) => {
      const act = { on: 'instance', to: 'administer' } as const;
      if (!may(subject, act, directory.policy) && !(await queries.accounts.isEmpty())) throw new PlainAbort(403);
      return { target: undefined, asSuperuser: true };
    },
  };
  const shutDown = endpoint({
    operation: 'scShutdownContainer',
    method: 'POST',
    path: '/api/v1/superuser/shutdown',
    module: 'suconfig',
    summary: 'Sends a signal to the registry to shut down.',
    access: mayShutDown,
    internal: true,
    answers: { 200: Type.Object({}) },
    handle: () => {
      instance.shutDown();
      return Promise.resolve(answer(200, {}));
    },
  });

  return [changeLog, configuration, status, shutDown];
}
