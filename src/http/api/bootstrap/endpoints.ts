import Type from 'typebox';
import { TOKEN_LOOKUP } from '../../../commands/applications.js';
import { BOOTSTRAP_APPLICATION } from '../../../domain/organization/application/decide.js';
import type { AccountId, NamespaceId } from '../../../domain/shared/ids.js';
import { isAlive } from '../../../domain/shared/time.js';
import type { Api } from '../api.js';
import type { Incoming } from '../framework/call.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { Forbidden, Problem } from '../framework/problems.js';
import { always } from '../framework/rules.js';

const requiresToken = () => new Problem('invalid_token', 'Requires valid bootstrap bearer token');

/** Loopback, and nothing says that a proxy passed it on: what anybody can write into a header proves nothing. */
const isLocal = (incoming: Incoming): boolean => {
  const { ip } = incoming.context;
  if (incoming.header('x-quay-bootstrap-renewal-location') !== 'local') return false;
  if (incoming.header('x-forwarded-for') !== undefined) return false;
  return ip === '::1' || /^(?:::ffff:)?127\./.test(ip ?? '');
};

/** The token by which programs set the registry up is replaced (contract: superuser §9). */
export function bootstrapEndpoints({ settings, commands, queries, sealing }: Api): readonly Endpoint[] {
  if (!settings.isOn('PROGRAMMATIC_BOOTSTRAP')) return [];

  const shownBy = async (incoming: Incoming) => {
    const token = /^bearer +(\S+)\s*$/i.exec(incoming.header('authorization') ?? '')?.[1] ?? '';
    const found = await queries.applications.tokenByLookup(await sealing.lookup(TOKEN_LOOKUP, token));
    const account = found && (await queries.accounts.byId(found.accountId));
    const application = found && (await queries.applications.application(found.clientId));
    if (!found || !application || account?.disabled !== false) throw requiresToken();
    return { token: found, application };
  };

  return [
    endpoint({
      operation: 'renewBootstrapToken',
      method: 'POST',
      path: '/api/v1/bootstrap/renew',
      module: 'bootstrap',
      summary: 'Replaces the bootstrap token; the new one is written to its configured place.',
      access: always,
      ownProof: true,
      answers: { 200: Type.Object({ status: Type.String() }) },
      refused: [500],
      refusals: { 'token-rotation-failed': ({ message }) => new Problem('token_rotation_failed', message) },
      handle: async (call) => {
        const { token, application } = await shownBy(call);
        const alive = isAlive(token.expires, call.now);
        if (application.name !== BOOTSTRAP_APPLICATION) throw alive ? new Forbidden() : requiresToken();
        if (!alive && !isLocal(call)) throw requiresToken();
        const { accountId, namespaceId, clientId } = token;
        await commands.bootstrapTokens.rotate(
          { accountId: accountId as AccountId, namespaceId: namespaceId as NamespaceId, clientId },
          {
            ...call.context,
            actor: { kind: 'user', id: accountId },
            credential: { kind: 'oauth-token', id: token.id },
          },
        );
        return answer(200, { status: 'rotated' });
      },
    }),
  ];
}
