import type { Sealing } from '../../../commands/sealing.js';
import { ROBOTS_DISALLOWED } from '../../../domain/namespace/robots.js';
import type { Sealed } from '../../../domain/shared/sealed.js';
import type { AccountQueries } from '../../../projections/accounts.js';
import type { NamespaceDocument, NamespaceQueries } from '../../../projections/namespaces.js';
import type { RobotDocument, RobotQueries } from '../../../projections/robots.js';
import { LoginFailed, type Checker, type Login } from '../login.js';
import type { RobotPasses } from '../robotPasses.js';
import { sameSecret } from '../sameSecret.js';

const UNKNOWN = 'Could not find robot with specified username';
const DECOY = { subject: 'instance:decoy', binding: 'decoy' };

export type RobotCheckerOptions = {
  readonly namespaces: Pick<NamespaceQueries, 'byName'>;
  readonly robots: Pick<RobotQueries, 'byName'>;
  readonly accounts: Pick<AccountQueries, 'byId'>;
  readonly sealing: Pick<Sealing, 'open' | 'seal'>;
  /** ROBOTS_DISALLOW and its whitelist. */
  readonly allowed: (name: string) => boolean;
  readonly passes: Pick<RobotPasses, 'verify'>;
};

/**
 * Tokens of robots, and the passes that are issued for them (contract: registry-v2 §4.2). Nobody guesses one of 64
 * characters, so guesses are not counted: clients that still have an old token are many, and refused at once.
 */
export class RobotChecker implements Checker {
  #decoy: Promise<Sealed> | undefined;

  constructor(private readonly options: RobotCheckerOptions) {}

  async check(name: string, secret: string): Promise<Login> {
    const { namespaces, robots, allowed } = this.options;
    if (!allowed(name)) throw new LoginFailed(ROBOTS_DISALLOWED);
    const plus = name.indexOf('+');
    const namespace = await namespaces.byName(name.slice(0, plus));
    const robot = namespace && (await robots.byName(namespace.id, name.slice(plus + 1)));
    const proved = await this.#proves(robot, secret);
    if (!proved || !namespace || !robot) {
      throw new LoginFailed(robot ? `Could not find robot with username: ${name} and supplied password.` : UNKNOWN);
    }
    // Only who has the token learns in which state the owner is.
    if (await this.#isDisabled(namespace)) throw new LoginFailed(`Robot ${name} owner ${namespace.name} is disabled`);
    return { credential: { kind: 'robot-token', id: robot.id }, generation: robot.generation };
  }

  async #proves(robot: RobotDocument | undefined, secret: string): Promise<boolean> {
    // A token has no dots, a pass has two.
    if (!secret.includes('.')) return this.#isToken(robot, secret);
    const pass = await this.options.passes.verify(secret);
    if (!pass || !robot) return false;
    if (pass.robotId !== robot.id) throw new LoginFailed('Token does not match robot');
    return pass.generation === robot.generation;
  }

  /** A robot that is not there takes as long as one that is. */
  async #isToken(robot: RobotDocument | undefined, secret: string): Promise<boolean> {
    const { sealing } = this.options;
    const [sealed, binding] = robot
      ? [robot.token, `${robot.tokenEvent}/token`]
      : [await (this.#decoy ??= sealing.seal(DECOY.subject, DECOY.binding, '')), DECOY.binding];
    const token = await sealing.open(sealed, binding);
    return sameSecret(token ?? '', secret) && token !== null && robot !== undefined;
  }

  async #isDisabled({ disabled, owner }: NamespaceDocument): Promise<boolean> {
    if (disabled || owner === null) return disabled;
    return (await this.options.accounts.byId(owner))?.disabled !== false;
  }
}
