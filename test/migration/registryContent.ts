import { ApiClient } from '../support/apiClient.js';
import { pushImage } from '../support/images.js';
import type { RegistryProcess } from '../support/registry.js';
import { freshBytes, V2Client, type Descriptor, type Repository } from '../support/v2client.js';

export type RegistryContent = {
  readonly boss: ApiClient;
  readonly ada: V2Client;
  readonly app: Repository;
  /** A blob that no manifest names. */
  readonly layer: { readonly digest: string; readonly bytes: Buffer };
  /** An upload that was not finished. */
  readonly session: string;
  /** What `v1` means. */
  readonly last: Descriptor;
};

/** People, an organization with a robot, images, and what was deleted again. */
export async function furnishRegistry(registry: RegistryProcess): Promise<RegistryContent> {
  for (const name of ['boss', 'ada', 'eve']) {
    await registry.createUser(name, { superuser: name === 'boss', email: `${name}@example.com` });
  }
  const boss = await ApiClient.signedIn(registry, 'boss');
  const ada = new V2Client(registry, 'ada');
  const app = ada.repository('ada/app');
  const bytes = freshBytes(3_000_000);
  const digest = await app.pushBlob(bytes, 'sha512', 'chunked');
  for (const tag of ['v1', 'v2', 'gone']) await pushImage(app, tag);
  const last = await pushImage(app, 'v1');
  await app.delete('manifests/gone');
  await boss.post('/api/v1/organization/', { name: 'acme' });
  await boss.put('/api/v1/organization/acme/robots/ci', { description: 'builds' });
  const deleted = await boss.delete('/api/v1/superuser/users/eve');
  if (deleted.status !== 204) throw new Error(`eve cannot be deleted: ${deleted.status} ${deleted.text}`);
  const session = await app.beginUpload();
  await app.patch(session, freshBytes(100_000), 0);
  return { boss, ada, app, layer: { digest, bytes }, session, last };
}

/** What clients and people are shown, in all its detail. */
export async function shown(ada: V2Client, boss: ApiClient): Promise<unknown> {
  const repository = ada.repository('ada/app');
  const answers: Record<string, unknown> = {};
  for (const path of ['tags/list', 'manifests/v1', 'manifests/v2', 'manifests/gone']) {
    const { status, text } = await repository.get(path);
    answers[path] = [status, text];
  }
  for (const path of [
    '/api/v1/repository/ada/app/tag/',
    '/api/v1/repository/ada/app?includeTags=true',
    '/api/v1/superuser/users/',
    '/api/v1/organization/acme/robots',
    '/api/v1/organization/acme',
  ]) {
    answers[path] = (await boss.get(path)).both;
  }
  return answers;
}
