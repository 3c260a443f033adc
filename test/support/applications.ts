import type { ApiClient } from './apiClient.js';

/** What the administrator of an organization sees of an application. */
export type Application = {
  readonly client_id: string;
  readonly client_secret: string;
  readonly name: string;
  readonly redirect_uri: string;
};

export async function createOrganization(owner: ApiClient, name: string): Promise<void> {
  const { status, text } = await owner.post('/api/v1/organization/', { name, email: `${name}@example.com` });
  if (status !== 201) throw new Error(`${name} cannot be created: ${status} ${text}`);
}

export async function createApplication(owner: ApiClient, orgname: string, body: object): Promise<Application> {
  const made = await owner.post(`/api/v1/organization/${orgname}/applications`, body);
  if (made.status !== 200) throw new Error(`the application cannot be created: ${made.status} ${made.text}`);
  return made.json<Application>();
}
