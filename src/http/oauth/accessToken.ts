import { TOKEN_SECONDS } from '../../commands/applications.js';
import { GrantInvalid, GrantScopeInvalid, type AuthorizationCodes } from '../../commands/authorizations.js';
import type { Sealing } from '../../commands/sealing.js';
import { ApplicationUnknown, TokenLimitReached } from '../../domain/organization/application/errors.js';
import { decodeBasic } from '../auth/basic.js';
import { sameSecret } from '../auth/sameSecret.js';
import { optionalParameter, requiredParameter, type Parameters } from './asked.js';
import type { Client, Grants } from './grants.js';
import { json, refused, type Reply } from './replies.js';
import type { Read } from './visit.js';

export type AccessTokenOptions = {
  readonly grants: Grants;
  readonly sealing: Pick<Sealing, 'open'>;
  readonly codes: Pick<AuthorizationCodes, 'exchange'>;
  readonly requireWritable: () => void;
};

/** A token for a code (contract: organizations §7.3, `POST /oauth/access_token`; RFC 6749 §4.1.3). */
export const accessToken =
  ({ grants, sealing, codes, requireWritable }: AccessTokenOptions) =>
  async ({ query, form, context }: Read, authorization: string | undefined): Promise<Reply> => {
    const parameters: Parameters = { get: (name) => form.get(name) ?? query.get(name) };
    const grantType = requiredParameter(parameters, 'grant_type');
    const clientId = requiredParameter(parameters, 'client_id');
    const redirectUri = requiredParameter(parameters, 'redirect_uri');
    const code = requiredParameter(parameters, 'code');
    const scope = requiredParameter(parameters, 'scope');
    if (grantType !== 'authorization_code') throw refused(400, 'unsupported_grant_type');
    const secret = optionalParameter(parameters, 'client_secret') ?? secretIn(authorization, clientId);
    const client = await grants.client(clientId);
    if (!client || !(await isSecretOf(client, secret, sealing))) throw refused(400, 'invalid_client');
    requireWritable();
    try {
      const { token } = await codes.exchange({ code, clientId, redirectUri, scope }, context);
      const expires = { expires_in: TOKEN_SECONDS, refresh_token: null };
      return json(200, { access_token: token, token_type: 'Bearer', ...expires });
    } catch (error) {
      if (error instanceof GrantScopeInvalid) throw refused(400, 'invalid_scope');
      if (error instanceof ApplicationUnknown) throw refused(400, 'invalid_client');
      if (error instanceof GrantInvalid || error instanceof TokenLimitReached) throw refused(400, 'invalid_grant');
      throw error;
    }
  };

/** The other way in which a client may authenticate itself (RFC 6749 §2.3.1). */
function secretIn(authorization: string | undefined, clientId: string): string | null {
  const basic = authorization === undefined ? undefined : decodeBasic(authorization);
  return basic?.username === clientId ? basic.password : null;
}

async function isSecretOf(
  { application: { secret, secretEvent } }: Client,
  given: string | null,
  sealing: Pick<Sealing, 'open'>,
): Promise<boolean> {
  const expected = await sealing.open(secret, `${secretEvent}/secret`);
  return expected !== null && given !== null && sameSecret(expected, given);
}
