import { Router, type Request } from 'express';
import { systemContext, type CommandContext } from '../../commands/context.js';
import type { Ids } from '../../ports/clock.js';
import { apiAnswer } from '../api/framework/failures.js';
import type { ApiAnswer } from '../api/framework/problems.js';
import type { RobotTokenExchange } from '../auth/federation/exchange.js';
import { LoginFailed } from '../auth/login.js';
import type { ClientAddress } from '../clientAddress.js';

export type RobotFederationOptions = {
  readonly exchange: RobotTokenExchange;
  readonly ids: Ids;
  readonly addressOf: ClientAddress;
  /** Scheme and host of the server. */
  readonly root: string;
};

/** The header says nothing that could be looked at. */
class HeaderRefused extends Error {}

/** Where somebody whom a robot trusts gets a password of the robot (contract: accounts §7). */
export function robotFederationRoutes({ exchange, ids, addressOf, root }: RobotFederationOptions): Router {
  const router = Router();
  const contextOf =
    (request: Request) =>
    (id: string): CommandContext => ({
      ...systemContext('api', ids.next()),
      ...{ actor: { kind: 'robot', id }, credential: { kind: 'robot-token', id } },
      ...{ ip: addressOf(request), userAgent: request.get('user-agent') ?? null },
    });
  router.get('/oauth2/federation/robot/token', async (request, response) => {
    response.set('Cache-Control', 'no-store');
    try {
      const { name, token } = readHeader(request.get('authorization'));
      response.json({ token: await exchange.pass(name, token, contextOf(request)) });
    } catch (error) {
      const { status, body, headers = {} } = answerTo(error, root);
      response.status(status).set(headers).json(body);
    }
  });
  return router;
}

function answerTo(error: unknown, root: string): ApiAnswer {
  if (error instanceof HeaderRefused) return { status: 401, body: { error: error.message } };
  if (error instanceof LoginFailed) return { status: 400, body: { message: error.message } };
  const answer = apiAnswer(error, root);
  if (!answer) throw error;
  return answer;
}

/** The steps, and the words for each that fails, are the contract's. */
function readHeader(header: string | undefined): { readonly name: string; readonly token: string } {
  if (header === undefined || header === '') throw new HeaderRefused('No auth header');
  const [scheme = '', encoded, ...rest] = header.split(' ').filter((part) => part !== '');
  if (scheme.toLowerCase() !== 'basic' || encoded === undefined || rest.length > 0) {
    throw new HeaderRefused('Invalid basic auth header');
  }
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(encoded)) throw new HeaderRefused('Could not parse basic auth header');
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) throw new HeaderRefused('Unexpected number of credentials found in basic auth header');
  const name = text.slice(0, colon);
  if (!name.includes('+')) throw new HeaderRefused('Invalid robot');
  return { name, token: text.slice(colon + 1) };
}
