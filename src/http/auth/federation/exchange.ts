import { decodeJwt, errors } from 'jose';
import type { ActivityCommands } from '../../../commands/activities.js';
import type { CommandContext } from '../../../commands/context.js';
import { RobotUnknown } from '../../../domain/namespace/robots.js';
import type { NamespaceId, RobotId } from '../../../domain/shared/ids.js';
import type { Clock } from '../../../ports/clock.js';
import type { Identities } from '../../../projections/identities.js';
import type { NamespaceQueries } from '../../../projections/namespaces.js';
import type { RobotDocument, RobotQueries } from '../../../projections/robots.js';
import { LoginFailed } from '../login.js';
import type { RobotPasses } from '../robotPasses.js';
import { ForeignTokenInvalid, type Issuers } from './issuers.js';

export type ExchangeOptions = {
  readonly namespaces: Pick<NamespaceQueries, 'byName'>;
  readonly robots: Pick<RobotQueries, 'byName'>;
  readonly identities: Pick<Identities, 'of'>;
  readonly issuers: Pick<Issuers, 'verify'>;
  readonly passes: Pick<RobotPasses, 'issue'>;
  readonly activities: Pick<ActivityCommands, 'robotTokenExchanged'>;
  readonly clock: Clock;
  /** While the registry is read-only nothing is written down. */
  readonly readOnly: boolean;
};

/** A token of somebody whom a robot trusts, for a pass of the robot (contract: accounts §7). */
export class RobotTokenExchange {
  constructor(private readonly options: ExchangeOptions) {}

  /**
   * @param name of the robot
   * @param token from the issuer
   * @throws RobotUnknown; LoginFailed with the contract's message
   */
  async pass(name: string, token: string, contextOf: (robotId: string) => CommandContext): Promise<string> {
    const { passes, identities, activities, clock, readOnly } = this.options;
    const robot = await this.#robot(name);
    const issuer = issuerOf(token);
    const subject = await this.#subject(robot, issuer, token);
    const { id, namespaceId } = robot;
    const identity = await identities.of({ kind: 'robot-token', id });
    if (!identity) throw new LoginFailed(`Robot ${name} or its owner is disabled`);
    // Whom the robot trusts may have changed while the issuer was asked.
    if (identity.generation !== robot.generation) throw new LoginFailed('Token does not match robot');
    const pass = await passes.issue({ robotId: id, generation: robot.generation }, name, new Date(clock.now()));
    if (!readOnly) {
      // Ids in documents were branded before they went into an event.
      const data = { robotId: id as RobotId, issuer, subject };
      await activities.robotTokenExchanged(namespaceId as NamespaceId, data, contextOf(id));
    }
    return pass;
  }

  async #robot(name: string): Promise<RobotDocument> {
    const { namespaces, robots } = this.options;
    const plus = name.indexOf('+');
    const namespace = await namespaces.byName(name.slice(0, plus));
    const robot = namespace && (await robots.byName(namespace.id, name.slice(plus + 1)));
    if (!robot) throw new RobotUnknown();
    return robot;
  }

  /** Nobody is asked whom the robot does not trust. */
  async #subject({ federation }: RobotDocument, issuer: string, token: string): Promise<string> {
    if (federation.length === 0) throw new LoginFailed('Robot does not have federated login configured');
    const trusted = federation.filter((identity) => identity.issuer === issuer);
    if (trusted.length === 0) throw new LoginFailed(`issuer ${issuer} not configured for this robot`);
    const { sub = '' } = await this.#verified(issuer, token);
    if (!trusted.some(({ subject }) => subject === sub)) throw new LoginFailed('Token does not match robot');
    return sub;
  }

  async #verified(issuer: string, token: string): Promise<{ readonly sub?: string }> {
    try {
      return await this.options.issuers.verify(issuer, token);
    } catch (error) {
      if (error instanceof ForeignTokenInvalid) throw new LoginFailed(`Invalid token: ${error.message}`);
      throw error;
    }
  }
}

/** What the token says of itself, to find the keys that prove it. */
function issuerOf(token: string): string {
  try {
    const { iss } = decodeJwt(token);
    if (typeof iss === 'string' && iss !== '') return iss;
  } catch (error) {
    if (error instanceof errors.JWTInvalid) throw new LoginFailed(`Invalid token: ${error.message}`);
    throw error;
  }
  throw new LoginFailed('Token does not contain issuer');
}
