import { timingSafeEqual } from 'node:crypto';
import type { AccountId } from '../domain/shared/ids.js';
import type { Sealed } from '../domain/shared/sealed.js';
import { plusSeconds } from '../domain/shared/time.js';
import type { Clock } from '../ports/clock.js';
import { VersionConflict } from '../ports/errors.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { sealForAccount } from './accountSealing.js';
import { ALPHANUMERIC, generatedSecret } from './generatedSecrets.js';
import type { Sealing } from './sealing.js';

/** Of `OperationalStore`; what is due in it has run out. */
export const ACCOUNT_CODES = 'accountCodes';

/** What is asked to be proven: the address of the registration, another one, or who one is. */
export type CodePurpose = 'confirm' | 'recover';

type CodeRecord = {
  readonly purpose: CodePurpose;
  readonly accountId: AccountId;
  /** HMAC of the secret half. */
  readonly secret: string;
  /** Another address that is to be proven; sealed like all that belongs to the account. */
  readonly email: Sealed | null;
  /** Of the password when the code was made: with a new one nobody needs to recover any more. */
  readonly generation: number;
};

export type UsedCode = {
  readonly accountId: AccountId;
  readonly email: string | null;
  readonly generation: number;
};

export type NewCode = {
  readonly purpose: CodePurpose;
  readonly accountId: AccountId;
  readonly email?: string;
  readonly generation: number;
};

const PUBLIC_LENGTH = 20;
const SECRET_LENGTH = 40;
/** The contract gives them no end; so much later nobody looks for the mail. */
const CONFIRMATION_SECONDS = 30 * 86_400;

/**
 * Codes that prove, sent back, who reads the mail to an address: `base64("<public>:<secret>")`, kept outside the log as
 * HMACs until they run out, and good for one use (contract: conventions, "E-mails").
 */
export class AccountCodes {
  constructor(
    private readonly deps: {
      readonly operational: OperationalStore;
      readonly sealing: Pick<Sealing, 'lookup' | 'seal' | 'open'>;
      readonly clock: Clock;
      /** USER_RECOVERY_TOKEN_LIFETIME */
      readonly recoverySeconds: number;
    },
  ) {}

  /** @returns the code in clear, kept nowhere @throws AccountUnknown */
  async issue({ purpose, accountId, email, generation }: NewCode): Promise<string> {
    const { operational, sealing, clock, recoverySeconds } = this.deps;
    const key = generatedSecret(PUBLIC_LENGTH, ALPHANUMERIC);
    const secret = generatedSecret(SECRET_LENGTH, ALPHANUMERIC);
    const value: CodeRecord = {
      ...{ purpose, accountId, generation, secret: await this.#hash(secret) },
      email: email === undefined ? null : await sealForAccount(sealing, accountId, bindingOf(key), email),
    };
    const due = plusSeconds(clock.now(), purpose === 'recover' ? recoverySeconds : CONFIRMATION_SECONDS);
    await operational.write([{ kind: 'put', collection: ACCOUNT_CODES, key, value, due, expected: 0 }]);
    return Buffer.from(`${key}:${secret}`).toString('base64');
  }

  /** What the code proves; undefined for one that is not valid. Of two who use one at once, one is too late. */
  async use(purpose: CodePurpose, code: string): Promise<UsedCode | undefined> {
    const { operational, clock } = this.deps;
    const [key = '', secret = ''] = Buffer.from(code, 'base64').toString('utf8').split(':', 2);
    const record = await operational.get<CodeRecord>(ACCOUNT_CODES, key);
    const isRight = isSame(record?.value.secret, await this.#hash(secret));
    if (!record || !isRight || record.value.purpose !== purpose) return undefined;
    if (record.due !== null && record.due <= clock.now()) return undefined;
    const { accountId, email, generation } = record.value;
    const opened = email && (await this.deps.sealing.open(email, bindingOf(key)));
    try {
      await operational.write([{ kind: 'delete', collection: ACCOUNT_CODES, key, expected: record.version }]);
    } catch (error) {
      if (error instanceof VersionConflict) return undefined;
      throw error;
    }
    return { accountId, email: opened, generation };
  }

  #hash(secret: string): Promise<string> {
    return this.deps.sealing.lookup('account-code', secret);
  }
}

const bindingOf = (key: string): string => `${ACCOUNT_CODES}/${key}/email`;

function isSame(expected: string | undefined, given: string): boolean {
  const [one, other] = [Buffer.from(expected ?? ''), Buffer.from(given)];
  return one.byteLength === other.byteLength && timingSafeEqual(one, other);
}
