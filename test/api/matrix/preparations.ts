import { done, type Acme } from '../../support/acme.js';
import type { ApiClient } from '../../support/apiClient.js';
import type { Who } from './who.js';
import type { Preparation } from './table.js';

export { done };

/** Whoever acts, as he signed in; where nobody did, the owner, in whose name a token or a forger acts. */
export function people({ people: all }: Acme, who: Who): ApiClient {
  if (who === 'robot' || who === 'token' || who === 'forged' || who === 'anonymous') return all.owner;
  return all[who];
}

let made = 0;
/** A name that nothing has yet. */
export const fresh = (what: string): string => `${what}${++made}`;

export const ORGANIZATION = '/api/v1/organization/acme';

export const team: Preparation = async ({ people: { owner } }) => {
  const name = fresh('team');
  await done(owner.put(`${ORGANIZATION}/team/${name}`, { role: 'member' }));
  return name;
};

/** A team with mia in it. */
export const teamWithMia: Preparation = async (acme, who) => {
  const name = await team(acme, who);
  await done(acme.people.owner.put(`${ORGANIZATION}/team/${name}/members/mia`));
  return name;
};

export const robot: Preparation = async ({ people: { owner } }) => {
  const name = fresh('robot');
  await done(owner.put(`${ORGANIZATION}/robots/${name}`));
  return name;
};

export const application: Preparation = async ({ people: { owner } }) => {
  const answer = await done(owner.post(`${ORGANIZATION}/applications`, { name: fresh('application') }));
  return answer.json<{ client_id: string }>().client_id;
};

export const prototype: Preparation = async ({ people: { owner } }) => {
  const rule = { role: 'read', delegate: { name: 'readers', kind: 'team' } };
  return (await done(owner.post(`${ORGANIZATION}/prototypes`, rule))).json<{ id: string }>().id;
};

/** An organization of the owner's. */
export const organization: Preparation = async ({ people: { owner } }) => {
  const name = fresh('company');
  await done(owner.post('/api/v1/organization/', { name }));
  return name;
};

/** A repository of acme's that the admin administers, too. */
export const repository: Preparation = async ({ people: { owner } }) => {
  const name = fresh('repository');
  const body = { namespace: 'acme', repository: name, visibility: 'private', description: '' };
  await done(owner.post('/api/v1/repository', body));
  await done(owner.put(`/api/v1/repository/acme/${name}/permissions/user/adam`, { role: 'admin' }));
  return name;
};

/** A tag of acme/app, beside `v1`. */
export const tag: Preparation = async ({ people: { owner }, ids: { digest } }) => {
  const name = fresh('tag');
  await done(owner.put(`/api/v1/repository/acme/app/tag/${name}`, { manifest_digest: digest }));
  return name;
};

export const label: Preparation = async ({ people: { owner }, ids: { digest } }) => {
  const body = { key: 'purpose', value: fresh('value'), media_type: null };
  const answer = await done(owner.post(`/api/v1/repository/acme/app/manifest/${digest}/labels`, body));
  return answer.json<{ label: { id: string } }>().label.id;
};

/** A user who may read acme/app. */
export const permitted: Preparation = async ({ registry, people: { owner } }) => {
  const name = fresh('user');
  await registry.createUser(name);
  await done(owner.put(`/api/v1/repository/acme/app/permissions/user/${name}`, { role: 'read' }));
  return name;
};

/** A team that may read acme/app. */
export const permittedTeam: Preparation = async (acme, who) => {
  const name = await team(acme, who);
  await done(acme.people.owner.put(`/api/v1/repository/acme/app/permissions/team/${name}`, { role: 'read' }));
  return name;
};

/** A user of whom nobody has heard. */
export const user: Preparation = async ({ registry }) => {
  const name = fresh('user');
  await registry.createUser(name, { email: `${name}@example.org` });
  return name;
};

export const message: Preparation = async ({ people: { superuser } }) => {
  const content = fresh('message');
  const body = { message: { content, media_type: 'text/plain', severity: 'info' } };
  await done(superuser.post('/api/v1/messages', body));
  const { messages } = (await done(superuser.get('/api/v1/messages'))).json<{
    messages: { uuid: string; content: string }[];
  }>();
  return messages.find((each) => each.content === content)?.uuid ?? '';
};

export const serviceKey: Preparation = async ({ people: { superuser } }) => {
  const answer = await done(superuser.post('/api/v1/superuser/keys', { service: 'builds', expiration: null }));
  return answer.json<{ kid: string }>().kid;
};
