import { existsSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/load.js';
import { isConfigKey } from '../../src/config/schema.js';
import { preferredStorage } from '../../src/config/storageChecks.js';
import { checkoutPath, checkoutText, packageJson } from './checkout.js';
import { composeFile, serviceNamed, variablesOfComposeFile, type Service } from './composeFile.js';

const PREFIX = 'TIDEMARK_';
const { services, volumes } = composeFile();
const all = Object.entries(services);
/** Those that run the registry, by the role that they have. */
const ours = all.filter(([, { environment = {} }]) => Object.keys(environment).some((name) => name.startsWith(PREFIX)));

const configurationOf = ({ environment = {} }: Service): ReturnType<typeof loadConfig> =>
  // A folder without a configuration: as in the image, all settings come from the environment.
  loadConfig(environment, checkoutPath('deploy'));

describe('docker-compose.yml', () => {
  it('runs each role, as often as it should', () => {
    const roles = ours.flatMap(([, service]) =>
      configurationOf(service).config.ROLES.flatMap((role) =>
        Array.from({ length: service.deploy?.replicas ?? 1 }, () => role),
      ),
    );
    expect(roles.sort()).toEqual(['api', 'api', 'projector', 'projector', 'relay', 'worker', 'worker']);
  });

  it.each(ours)('sets nothing that the configuration does not know, and nothing wrong: %s', (_name, service) => {
    const isKnown = (name: string): boolean => name.startsWith(PREFIX) && isConfigKey(name.slice(PREFIX.length));
    expect(Object.keys(service.environment ?? {}).filter((name) => !isKnown(name))).toEqual([]);
    expect(configurationOf(service).warnings).toEqual([]);
  });

  it('gives all processes the same settings, but for what they do', () => {
    const settings = ours.map(([, { environment = {} }]) => ({ ...environment, TIDEMARK_ROLES: '' }));
    for (const each of settings) expect(each).toEqual(settings[0]);
  });

  it('names engines by what their services are called and where those listen', () => {
    const [, api] = ours[0] ?? ['', serviceNamed('api-1')];
    const { config } = configurationOf(api);
    expect(config.EVENTSTORE_CONNECTION).toMatch(/^esdb:\/\/eventstoredb:2113\?/);
    const set = new URL(config.MONGODB_CONNECTION ?? '').searchParams.get('replicaSet');
    expect(config.MONGODB_CONNECTION).toMatch(/^mongodb:\/\/mongodb:27017\//);
    expect(serviceNamed('mongodb').command).toEqual(expect.arrayContaining(['--replSet', set]));
    expect(config.KAFKA_BROKERS).toEqual(['kafka:9092']);
    expect(serviceNamed('kafka').environment).toMatchObject({ KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://kafka:9092' });
    const storage = preferredStorage(config);
    if (storage?.driver !== 'RadosGWStorage') throw new Error('the bytes do not lie in the S3 store');
    const { hostname, port, bucket_name: bucket, access_key: id, secret_key: secret } = storage.parameters;
    expect(services[hostname]?.environment).toEqual({ ROOT_ACCESS_KEY: id, ROOT_SECRET_KEY: secret });
    expect(services[hostname]?.command?.join()).toContain(`--port :${String(port)} `);
    expect(services[hostname]?.command?.join()).toContain(`/srv/objects/${bucket} `);
  });

  it('waits only for what is there, and for the end only of what ends', () => {
    for (const [name, { depends_on: needed = {} }] of all) {
      for (const [other, { condition }] of Object.entries(needed)) {
        const ends = services[other]?.restart === undefined;
        expect([name, other, condition]).toEqual([
          name,
          other,
          ends ? 'service_completed_successfully' : 'service_healthy',
        ]);
      }
    }
  });

  it('has a look at the health of everything that goes on running', () => {
    const unwatched = all.filter(([, service]) => service.restart !== undefined && service.healthcheck === undefined);
    expect(unwatched).toEqual([]);
    const commands = all.flatMap(([, { healthcheck }]) => (healthcheck ? [healthcheck.test[0]] : []));
    expect(new Set(commands)).toEqual(new Set(['CMD']));
  });

  it('names every image by a version, and its own by the one of the package', () => {
    for (const [name, { image }] of all)
      expect([name, image]).toEqual([name, expect.stringMatching(/:v?\d+\.\d+\.\d+/)]);
    const own = all.filter(([name, { image }]) => image.startsWith('tidemark:') || ours.some(([our]) => our === name));
    expect(new Set(own.map(([, { image }]) => image))).toEqual(new Set([`tidemark:${packageJson.version}`]));
    expect(all.filter(([, { build }]) => build !== undefined).map(([name]) => name)).toEqual(['master-key']);
  });

  it('runs the object store that the suites of the engines run', () => {
    const [, tested] = /versitygw (v\S+)/.exec(checkoutText('test/tools/versitygw/go.mod')) ?? [];
    expect(serviceNamed('s3').image).toBe(`versity/versitygw:${tested ?? 'not found'}`);
  });

  it('declares every volume that is used, uses every one that is declared, and mounts files that exist', () => {
    const sources = all.flatMap(([, service]) => (service.volumes ?? []).map((mount) => mount.split(':')[0] ?? ''));
    const files = sources.filter((source) => source.startsWith('.'));
    expect(new Set(sources.filter((source) => !files.includes(source)))).toEqual(new Set(Object.keys(volumes)));
    expect(files.filter((file) => !existsSync(checkoutPath(file)))).toEqual([]);
  });

  it('can be reached from this machine alone, by the name that tokens are issued for', () => {
    const ports = all.flatMap(([, service]) => service.ports ?? []);
    expect(ports).toEqual(['127.0.0.1:8080:8080']);
    const moved = composeFile({ REGISTRY_PORT: '5000' }).services;
    expect(moved['balancer']?.ports).toEqual(['127.0.0.1:5000:8080']);
    expect(moved['api-1']?.environment).toMatchObject({ TIDEMARK_SERVER_HOSTNAME: 'localhost:5000' });
  });

  it('takes what .env.example says, which are its defaults', () => {
    const lines = checkoutText('.env.example')
      .split('\n')
      .filter((line) => /^[A-Z]/.test(line));
    expect(Object.fromEntries(lines.map((line) => line.split('=')))).toEqual(variablesOfComposeFile());
  });
});

describe('the look at the health of MongoDB', () => {
  type Set = { readonly status: 'none' | 'down' | 'member'; readonly primary: boolean };

  /** What `mongosh` would do: the script is its own language with these names in it. */
  function looked({ status, primary }: Set): { readonly code: number | undefined; readonly made: unknown[] } {
    const made: unknown[] = [];
    let code: number | undefined;
    const failure = { none: 'NotYetInitialized', down: 'InterruptedAtShutdown', member: '' }[status];
    runInNewContext(serviceNamed('mongodb').healthcheck?.test.at(-1) ?? '', {
      rs: {
        status: () => {
          if (failure !== '') throw Object.assign(new Error(failure), { codeName: failure });
        },
        initiate: (set: unknown) => made.push(set),
      },
      db: { hello: () => ({ isWritablePrimary: primary }) },
      quit: (given: number) => (code = given),
    });
    return { code, made };
  }

  it('makes the set once, and is not content before somebody takes writes', () => {
    const { code, made } = looked({ status: 'none', primary: false });
    expect(code).toBe(1);
    expect(made).toEqual([{ _id: 'tidemark', members: [{ _id: 0, host: 'mongodb:27017' }] }]);
    expect(looked({ status: 'member', primary: false })).toEqual({ code: 1, made: [] });
    expect(looked({ status: 'member', primary: true })).toEqual({ code: 0, made: [] });
  });

  it('makes no set for another reason', () => {
    expect(() => looked({ status: 'down', primary: false })).toThrow('InterruptedAtShutdown');
  });
});
