import Type from 'typebox';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { always } from '../framework/rules.js';

const Capabilities = Type.Object({
  sparse_manifests: Type.Object({
    supported: Type.Boolean(),
    required_architectures: Type.Array(Type.String()),
    optional_architectures_allowed: Type.Boolean(),
  }),
  mirror_architectures: Type.Array(Type.String()),
});

/** Architectures of images that can be mirrored one by one. */
const ARCHITECTURES = ['amd64', 'arm64', 'ppc64le', 's390x'];

/** What this registry can do (contract: superuser §10). */
export const capabilitiesEndpoints = ({ settings }: Pick<Api, 'settings'>): readonly Endpoint[] => [
  endpoint({
    operation: 'getRegistryCapabilities',
    method: 'GET',
    path: '/api/v1/registry/capabilities',
    module: 'capabilities',
    summary: 'Get registry capabilities.',
    access: always,
    answers: { 200: Capabilities },
    handle: () => {
      const sparse = settings.isOn('SPARSE_INDEX');
      const manifests = { supported: sparse, required_architectures: [], optional_architectures_allowed: sparse };
      return Promise.resolve(answer(200, { sparse_manifests: manifests, mirror_architectures: ARCHITECTURES }));
    },
  }),
];
