import { LastUses } from '../commands/lastUses.js';
import type { Config } from '../config/config.js';
import type { CredentialRef } from '../domain/shared/envelope.js';
import type { Clock } from '../ports/clock.js';
import type { OperationalStore } from '../ports/operationalStore.js';

/** When credentials were last used, as exactly as the configuration wants it; a read-only instance writes nothing. */
export const openLastUses = (
  config: Config,
  { operational }: { readonly operational: OperationalStore },
  clock: Clock,
  failed: (what: string, error: unknown) => void,
): LastUses =>
  new LastUses({
    ...{ operational, clock, thresholdSeconds: (kind) => thresholdOf(config, kind) },
    failed: (error) => {
      failed('last uses', error);
    },
  });

function thresholdOf(config: Config, kind: CredentialRef['kind']): number | null {
  if (config.REGISTRY_STATE === 'readonly') return null;
  if (kind === 'oauth-token') return config.OAUTH_TOKEN_LAST_ACCESSED_UPDATE_THRESHOLD_S;
  return config.isOn('USER_LAST_ACCESSED') ? config.LAST_ACCESSED_UPDATE_THRESHOLD_S : null;
}
