import Type from 'typebox';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { epochMilliseconds } from '../shared/dates.js';
import { superuserRules } from './access.js';

const PATH = '/api/v1/superuser/registrysize/';
/** The JSON string: the contract has it so. */
const Nothing = Type.String();

/** How many bytes the registry stores (contract: superuser §6). */
export function registrySizeEndpoints(api: Api): readonly Endpoint[] {
  const { registrySize } = api.commands;
  const { inspect, administer } = superuserRules(api);
  return [
    endpoint({
      operation: 'getRegistrySize',
      method: 'GET',
      path: PATH,
      module: 'superuser',
      summary: 'Get the size of the registry.',
      scope: 'super:user',
      access: inspect,
      fresh: true,
      internal: true,
      answers: {
        200: Type.Object({
          size_bytes: Type.Integer(),
          last_ran: Type.Union([Type.Integer(), Type.Null()]),
          queued: Type.Boolean(),
          running: Type.Boolean(),
        }),
      },
      handle: async () => {
        const { sizeBytes, lastRan, queued, running } = await registrySize.status();
        return answer(200, { size_bytes: sizeBytes, last_ran: epochMilliseconds(lastRan), queued, running });
      },
    }),
    endpoint({
      operation: 'queueRegistrySizeCalculation',
      method: 'POST',
      path: PATH,
      module: 'superuser',
      summary: 'Queue a calculation of the size of the registry.',
      scope: 'super:user',
      access: administer,
      fresh: true,
      internal: true,
      answers: { 201: Nothing, 202: Nothing },
      handle: async () => ((await registrySize.queue()) ? answer(201, '') : answer(202, '')),
    }),
  ];
}
