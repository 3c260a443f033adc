import type { Commands } from '../../commands/commands.js';
import type { LastUses } from '../../commands/lastUses.js';
import type { Contents } from '../../commands/contents.js';
import type { Sealing } from '../../commands/sealing.js';
import type { Site } from '../../mail/letter.js';
import type { JsonObject } from '../../domain/shared/json.js';
import type { Clock, Ids } from '../../ports/clock.js';
import type { Captcha } from '../../ports/captcha.js';
import type { Mailer } from '../../ports/mailer.js';
import type { Directory } from '../../projections/directory.js';
import type { Identities } from '../../projections/identities.js';
import type { Queries } from '../../projections/queries.js';
import type { Credentials } from '../auth/credentials.js';
import type { EncryptedPasswords } from '../auth/encryptedPassword.js';
import type { ManifestReads } from '../v2/manifestReads.js';
import type { PageTokens } from './framework/pageTokens.js';
import type { Rules } from './framework/rules.js';
import type { ApiSettings } from './settings.js';
import type { People } from './shared/people.js';
import type { LastModified } from './repository/lastModified.js';
import type { Portraits } from './shared/portraits.js';

/** Everything that endpoints call; put together in the composition root. A module takes of it what it needs. */
export type Api = {
  readonly settings: ApiSettings;
  readonly rules: Rules;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly lastUses: LastUses;
  readonly directory: Directory;
  readonly identities: Identities;
  readonly sealing: Sealing;
  readonly portraits: Portraits;
  readonly people: People;
  readonly credentials: Credentials;
  readonly encrypted: EncryptedPasswords;
  readonly commands: Commands;
  readonly queries: Queries;
  readonly lastModified: LastModified;
  /** The bytes of manifests, and of what they name. */
  readonly manifestReads: Pick<ManifestReads, 'bytes'>;
  readonly contents: Pick<Contents, 'locate' | 'present' | 'read'>;
  readonly captcha: Captcha;
  readonly mailer: Mailer;
  /** How mails name the registry. */
  readonly site: Site;
  readonly instance: Instance;
  /** For what no answer waits for; what goes wrong with it is logged. */
  readonly background: (what: string, work: Promise<void>) => void;
};

/** The program itself. */
export type Instance = {
  /** Ends it, when the requests that run are answered. */
  readonly shutDown: () => void;
  /** What is new in it, in Markdown. */
  readonly changes: () => Promise<string>;
  /** Its configuration, without secrets. */
  readonly configuration: () => { readonly [part in 'config' | 'warning' | 'env' | 'schema']: JsonObject };
};
