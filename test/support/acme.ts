import { ApiClient, type ApiAnswer } from './apiClient.js';
import { pushImage } from './images.js';
import { RegistryProcess, type Settings } from './registry.js';
import { SmtpServer } from './smtpServer.js';
import { V2Client } from './v2client.js';

/** Everybody who ever asks for something, from nobody to the superuser. */
export type People = {
  readonly anonymous: ApiClient;
  /** Signed in, and a stranger to acme. */
  readonly stranger: ApiClient;
  /** In the team `readers`. */
  readonly member: ApiClient;
  /** May read, write or administer acme/app; belongs to no team. */
  readonly reader: ApiClient;
  readonly writer: ApiClient;
  readonly admin: ApiClient;
  /** Owns acme. */
  readonly owner: ApiClient;
  /** Administers the instance. */
  readonly superuser: ApiClient;
};

/** Ids that were given to what acme has. */
export type Ids = {
  readonly clientId: string;
  readonly applicationToken: string;
  readonly prototype: string;
  readonly digest: string;
  readonly label: string;
  readonly robotToken: string;
  readonly serviceKey: string;
  readonly message: string;
};

/**
 * A registry with an organization that has one of everything: `acme` with the teams `owners` and `readers`, the robot
 * `acme+ci`, the private repository `acme/app` with the tags `v1` and `stable`, the public one `acme/open`, an application, a
 * default permission; and the registry with a message and a service key.
 */
export class Acme {
  private constructor(
    readonly registry: RegistryProcess,
    readonly people: People,
    readonly ids: Ids,
    private readonly mails: SmtpServer,
  ) {}

  static async open(settings: Settings = {}): Promise<Acme> {
    const mails = await SmtpServer.start();
    const registry = await RegistryProcess.start({
      ...{ SUPER_USERS: 'boss', PERMANENTLY_DELETE_TAGS: 'true', FEATURE_USER_INITIALIZE: 'false' },
      ...{
        MAIL_SERVER: 'localhost',
        MAIL_PORT: String(mails.port),
        MAIL_USE_TLS: 'false',
        FEATURE_REQUIRE_TEAM_INVITE: 'false',
      },
      ...{ BROWSER_API_CALLS_XHR_ONLY: 'false' },
      ...settings,
    });
    const names = ['stan', 'rita', 'walt', 'adam', 'olga', 'boss', 'mia'];
    for (const name of names) await registry.createUser(name, { email: `${name}@example.org` });
    const people: People = {
      anonymous: new ApiClient(registry),
      stranger: await ApiClient.signedIn(registry, 'stan'),
      member: await ApiClient.signedIn(registry, 'mia'),
      reader: await ApiClient.signedIn(registry, 'rita'),
      writer: await ApiClient.signedIn(registry, 'walt'),
      admin: await ApiClient.signedIn(registry, 'adam'),
      owner: await ApiClient.signedIn(registry, 'olga'),
      superuser: await ApiClient.signedIn(registry, 'boss'),
    };
    return new Acme(registry, people, await furnish(registry, people), mails);
  }

  async close(): Promise<void> {
    await this.registry.stop();
    await this.mails.stop();
  }
}

/** What a preparation needs must succeed. */
export async function done(answer: Promise<ApiAnswer>): Promise<ApiAnswer> {
  const { status, text } = await answer;
  if (status >= 300) throw new Error(`a preparation was answered with ${status}: ${text}`);
  return answer;
}

async function furnish(registry: RegistryProcess, { owner, superuser }: People): Promise<Ids> {
  const organization = '/api/v1/organization/acme';
  await done(owner.post('/api/v1/organization/', { name: 'acme' }));
  await done(owner.put(`${organization}/team/readers`, { role: 'member', description: 'They read.' }));
  await done(owner.put(`${organization}/team/readers/members/mia`));
  const robot = await done(owner.put(`${organization}/robots/ci`, { description: 'builds' }));
  const application = await done(owner.post(`${organization}/applications`, { name: 'tool' }));
  const { client_id: clientId } = application.json<{ client_id: string }>();
  const applicationToken = await done(
    owner.post(`${organization}/applications/${clientId}/tokens`, { name: 'a token', scope: 'user:read' }),
  );
  const rule = { role: 'read', delegate: { name: 'readers', kind: 'team' } };
  const prototype = await done(owner.post(`${organization}/prototypes`, rule));
  for (const [repository, visibility] of [
    ['app', 'private'],
    ['open', 'public'],
  ]) {
    await done(owner.post('/api/v1/repository', { namespace: 'acme', repository, visibility, description: 'An app.' }));
  }
  const { digest } = await pushImage(new V2Client(registry, 'olga').repository('acme/app'), 'v1');
  await done(owner.put('/api/v1/repository/acme/app/tag/stable', { manifest_digest: digest }));
  for (const [name, role] of [
    ['rita', 'read'],
    ['walt', 'write'],
    ['adam', 'admin'],
  ]) {
    await done(owner.put(`/api/v1/repository/acme/app/permissions/user/${name}`, { role }));
  }
  await done(owner.put('/api/v1/repository/acme/app/permissions/team/readers', { role: 'read' }));
  const label = await done(
    owner.post(`/api/v1/repository/acme/app/manifest/${digest}/labels`, {
      ...{ key: 'purpose', value: 'test', media_type: null },
    }),
  );
  const announcement = { content: 'Welcome', media_type: 'text/plain', severity: 'info' };
  await done(superuser.post('/api/v1/messages', { message: announcement }));
  const messages = (await done(owner.get('/api/v1/messages'))).json<{ messages: { uuid: string }[] }>();
  const key = await done(superuser.post('/api/v1/superuser/keys', { service: 'builds', expiration: null }));
  return {
    ...{ clientId, digest },
    serviceKey: key.json<{ kid: string }>().kid,
    message: messages.messages[0]?.uuid ?? '',
    applicationToken: applicationToken.json<{ uuid: string }>().uuid,
    prototype: prototype.json<{ id: string }>().id,
    robotToken: robot.json<{ token: string }>().token,
    label: label.json<{ label: { id: string } }>().label.id,
  };
}
