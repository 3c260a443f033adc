import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { RegistryProcess } from '../support/registry.js';

type Schema = { readonly $ref?: string; readonly [member: string]: unknown };
type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema?: Schema;
  readonly type?: string;
};
type Operation = {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly tags: readonly string[];
  readonly responses: { readonly [status: string]: { readonly description: string; readonly schema?: Schema } };
  readonly security?: readonly { readonly oauth2_implicit: readonly string[] }[];
  readonly 'x-internal'?: true;
  readonly 'x-requires-fresh-login'?: true;
};
type Path = { readonly [member: string]: unknown } & { readonly parameters?: readonly Parameter[] };
type Discovery = {
  readonly paths: { readonly [path: string]: Path };
  readonly definitions: { readonly [name: string]: Schema };
  readonly tags: readonly { readonly name: string }[];
  readonly securityDefinitions: { readonly oauth2_implicit: { readonly scopes: { readonly [scope: string]: string } } };
};
type Entry = { readonly path: string; readonly method: string; readonly operation: Operation };

const METHODS = ['get', 'post', 'put', 'delete'];
/** contract: superuser §10; the last is this registry's own. */
const MODULES = [
  ...[
    'user',
    'appspecifictokens',
    'organization',
    'organization_application_tokens',
    'team',
    'prototype',
    'permission',
  ],
  ...['robot', 'search', 'superuser', 'globalmessages', 'capabilities', 'discovery', 'error', 'namespacequota'],
  ...['repotoken', 'bootstrap', 'suconfig', 'repository', 'tag', 'manifest', 'events'],
];
/** Hidden unless they are asked for (contract: superuser §10), as far as this registry serves them. */
const INTERNAL = [
  ...['put /user/', 'post /user/', 'delete /user/', 'post /user/clientkey', 'post /user/convert', 'post /signin'],
  ...['post /signin/verify', 'post /signout', 'post /externallogin/{service_id}', 'post /detachexternal/{service_id}'],
  ...['post /recovery', 'put /teaminvite/{code}', 'delete /teaminvite/{code}', 'post /entities/link/{username}'],
  ...['get /user/notifications', 'get /user/notifications/{uuid}', 'put /user/notifications/{uuid}'],
  ...['get /user/authorizations', 'get /user/authorizations/{access_token_uuid}'],
  ...['delete /user/authorizations/{access_token_uuid}', 'get /user/assignedauthorization'],
  ...['delete /user/assignedauthorization/{assigned_authorization_uuid}', 'get /superuser/changelog/'],
  ...['post /organization/{orgname}/applications/{client_id}/resetclientsecret', 'get /superuser/organizations/'],
  ...['get /superuser/registrysize/', 'post /superuser/registrysize/', 'post /superuser/takeownership/{namespace}'],
  ...['get /superuser/registrystatus', 'post /superuser/shutdown', 'get /superuser/config'],
  ...['post /superusers/users/{username}/sendrecovery', 'get /openapi.json'],
];

let registry: RegistryProcess;
let shown: Discovery;
let whole: Discovery;

beforeAll(async () => {
  registry = await RegistryProcess.start();
  const anybody = new ApiClient(registry);
  shown = (await anybody.get('/api/v1/discovery')).json<Discovery>();
  whole = (await anybody.get('/api/v1/discovery?internal=true')).json<Discovery>();
});
afterAll(() => registry.stop());

const isOperation = (value: unknown): value is Operation =>
  typeof value === 'object' && value !== null && 'operationId' in value;

const entries = ({ paths }: Discovery): Entry[] =>
  Object.entries(paths).flatMap(([path, members]) =>
    METHODS.flatMap((method) => {
      const operation = members[method];
      return isOperation(operation) ? [{ path, method, operation }] : [];
    }),
  );

/** Everywhere in a document: where a `$ref` leads. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === '$ref' && typeof member === 'string' ? [member] : references(member),
  );
}

describe('the discovery document', () => {
  it('is Swagger 2.0 of this server', () => {
    expect(whole).toMatchObject({
      ...{ swagger: '2.0', host: registry.host, basePath: '/', schemes: ['http'] },
      info: { version: 'v1', title: 'Quay Frontend', contact: { email: expect.any(String) } },
      securityDefinitions: {
        oauth2_implicit: { type: 'oauth2', flow: 'implicit', authorizationUrl: `${registry.url}/oauth/authorize` },
      },
    });
    expect(Object.keys(whole.securityDefinitions.oauth2_implicit.scopes).sort()).toEqual([
      ...['org:admin', 'repo:admin', 'repo:create', 'repo:read', 'repo:write', 'super:user', 'user:admin', 'user:read'],
    ]);
  });

  it('names each operation once, in a module of Quay’s', () => {
    const operations = entries(whole).map(({ operation }) => operation);
    expect(operations.length).toBeGreaterThan(100);
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const modules = new Set(operations.flatMap(({ tags }) => tags));
    expect([...modules].filter((name) => !MODULES.includes(name))).toEqual([]);
    expect(whole.tags.map(({ name }) => name).sort()).toEqual([...modules].sort());
  });

  it('describes every path and what stands in it', () => {
    for (const [path, { parameters = [], ...members }] of Object.entries(whole.paths)) {
      expect(members).toMatchObject({ 'x-path': path, 'x-name': expect.stringMatching(/^endpoints\.api\.\w+\.\w+$/) });
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(parameters.map(({ name }) => name)).toEqual(inPath);
      for (const parameter of parameters)
        expect(parameter).toMatchObject({ in: 'path', required: true, type: 'string' });
      for (const { operation } of entries({ ...whole, paths: { [path]: { ...members } } })) {
        expect(operation.tags).toEqual([members['x-tag']]);
      }
    }
  });

  it('says of every operation what it takes and how it refuses', () => {
    const scopes = Object.keys(whole.securityDefinitions.oauth2_implicit.scopes);
    for (const { operation } of entries(whole)) {
      for (const status of ['400', '401', '403', '404']) expect(Object.keys(operation.responses)).toContain(status);
      expect(operation.responses['404']).toMatchObject({ schema: { $ref: '#/definitions/ApiError' } });
      for (const parameter of operation.parameters) {
        if (parameter.in === 'body') expect(parameter.schema?.$ref).toMatch(/^#\/definitions\/\w+$/);
        else expect(parameter).toMatchObject({ in: 'query', required: false, type: expect.any(String) });
      }
      for (const { oauth2_implicit: needed } of operation.security ?? [])
        expect(scopes).toEqual(expect.arrayContaining([...needed]));
    }
  });

  it('refers to nothing that it does not define', () => {
    for (const document of [shown, whole]) {
      const defined = Object.keys(document.definitions).map((name) => `#/definitions/${name}`);
      expect([...new Set(references(document))].filter((reference) => !defined.includes(reference))).toEqual([]);
    }
  });

  it('uses only what Swagger 2.0 knows', () => {
    const unknown = /"(?:anyOf|oneOf|const|patternProperties|examples|nullable)":/;
    expect(JSON.stringify(whole)).not.toMatch(unknown);
  });

  it('hides internal operations unless they are asked for', () => {
    const named = (document: Discovery): string[] =>
      entries(document).map(({ method, path }) => `${method} ${path.replace('/api/v1', '')}`);
    expect(
      named(whole)
        .filter((name) => !named(shown).includes(name))
        .sort(),
    ).toEqual([...INTERNAL].sort());
    expect(entries(shown).some(({ operation }) => operation['x-internal'] ?? operation['x-requires-fresh-login'])).toBe(
      false,
    );
    const fresh = entries(whole).filter(({ operation }) => operation['x-requires-fresh-login']);
    expect(fresh.map(({ operation }) => operation.operationId)).toEqual(
      expect.arrayContaining([
        'changeUserDetails',
        'deleteCurrentUser',
        'createAppToken',
        'deleteAdminedOrganization',
        'listAllUsers',
      ]),
    );
  });

  it('tells which paths of organizations have their like for users', () => {
    expect(whole.paths['/api/v1/organization/{orgname}/robots']?.['x-user-related']).toBe(
      whole.paths['/api/v1/user/robots']?.['x-name'],
    );
    expect(JSON.stringify(shown)).not.toContain('x-user-related');
  });
});
