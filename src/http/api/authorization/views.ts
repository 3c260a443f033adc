import Type, { type Static } from 'typebox';
import { parseScopes, scopeInfo } from '../../../domain/oauth/scopes.js';
import type { ApplicationDocument } from '../../../projections/applications.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import { AvatarView, type Portraits } from '../shared/portraits.js';

const ApplicationSummary = Type.Object({
  name: Type.String(),
  description: Type.String(),
  url: Type.String(),
  avatar: AvatarView,
  organization: Type.Object({ name: Type.String(), avatar: AvatarView }),
});

const Scopes = Type.Array(
  Type.Object({
    title: Type.String(),
    scope: Type.String(),
    description: Type.String(),
    icon: Type.String(),
    dangerous: Type.Boolean(),
  }),
);

export const AuthorizationView = Type.Object({
  application: ApplicationSummary,
  scopes: Scopes,
  uuid: Type.String(),
});

export const AssignedAuthorizationView = Type.Object({
  application: Type.Object({ ...ApplicationSummary.properties, clientId: Type.String() }),
  scopes: Scopes,
  uuid: Type.String(),
  redirectUri: Type.Union([Type.String(), Type.Null()]),
  responseType: Type.Union([Type.String(), Type.Null()]),
});

/** An application with the namespace that it is of. */
export type OwnedApplication = { readonly application: ApplicationDocument; readonly namespace: NamespaceDocument };

/** @param granted a token, or the assignment of one */
export async function authorizationView(
  granted: { readonly id: string; readonly scope: string },
  { application, namespace }: OwnedApplication,
  portraits: Portraits,
): Promise<Static<typeof AuthorizationView>> {
  const { name, description, applicationUri } = application;
  return {
    application: {
      ...{ name, description, url: applicationUri },
      avatar: await portraits.application(application, namespace),
      organization: { name: namespace.name, avatar: await portraits.organization(namespace) },
    },
    scopes: parseScopes(granted.scope).map(scopeInfo),
    uuid: granted.id,
  };
}
