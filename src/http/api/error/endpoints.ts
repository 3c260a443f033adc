import Type from 'typebox';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { isProblemCode, NotFound, PROBLEMS, problemUrl } from '../framework/problems.js';
import { anyone } from '../framework/rules.js';

const ErrorDescription = Type.Object({ type: Type.String(), title: Type.String(), description: Type.String() });

/** Where the `type` of a problem object leads (contract: conventions §7.4). */
export const errorEndpoints = ({ settings }: Pick<Api, 'settings'>): readonly Endpoint[] => [
  endpoint({
    operation: 'getErrorDescription',
    method: 'GET',
    path: '/api/v1/error/{error_type}',
    module: 'error',
    summary: 'Get a detailed description of the error.',
    access: anyone,
    answers: { 200: ErrorDescription },
    handle: ({ path }) => {
      const title = path.error_type;
      if (!isProblemCode(title)) throw new NotFound();
      const { description } = PROBLEMS[title];
      return Promise.resolve(answer(200, { type: problemUrl(settings.root, title), title, description }));
    },
  }),
];
