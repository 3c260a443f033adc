import { errors, jwtVerify, SignJWT } from 'jose';

const LIFETIME_SECONDS = 3600;
const ALGORITHM = 'HS256';
/** Tells a pass from everything else that is signed here. */
const TYPE = 'robot+jwt';

/** What a pass says: it serves that robot as long as the robot is of that generation. */
export type RobotPass = { readonly robotId: string; readonly generation: number };

/** Passwords of robots that run out after an hour, for those who proved elsewhere who they are (contract: accounts §7). */
export class RobotPasses {
  constructor(
    private readonly key: Uint8Array,
    /** `SERVER_HOSTNAME` */
    private readonly audience: string,
  ) {}

  /** @param name of the robot, as `sub` shows it */
  async issue({ robotId, generation }: RobotPass, name: string, now: Date): Promise<string> {
    const issued = Math.floor(now.getTime() / 1000);
    return new SignJWT({ robot: robotId, generation })
      .setProtectedHeader({ typ: TYPE, alg: ALGORITHM })
      .setIssuer(this.audience)
      .setAudience(this.audience)
      .setSubject(name)
      .setIssuedAt(issued)
      .setNotBefore(issued)
      .setExpirationTime(issued + LIFETIME_SECONDS)
      .sign(this.key);
  }

  /** Undefined for what is no pass of ours, or has run out. */
  async verify(text: string): Promise<RobotPass | undefined> {
    try {
      const { payload } = await jwtVerify(text, this.key, {
        ...{ issuer: this.audience, audience: this.audience, algorithms: [ALGORITHM], typ: TYPE },
        requiredClaims: ['exp', 'nbf', 'iat', 'sub'],
      });
      const { robot: robotId, generation } = payload;
      return typeof robotId === 'string' && typeof generation === 'number' ? { robotId, generation } : undefined;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }
}
