import { TokenFile } from '../adapters/tokens/tokenFile.js';
import type { ApplicationCommands } from '../commands/applications.js';
import { TOKEN_LOOKUP } from '../commands/applications.js';
import { BootstrapTokens, type BootstrapClient } from '../commands/bootstrapTokens.js';
import { systemContext } from '../commands/context.js';
import type { Config } from '../config/config.js';
import { parseScopes, SCOPES } from '../domain/oauth/scopes.js';
import type { AccountId, NamespaceId } from '../domain/shared/ids.js';
import { isAlive } from '../domain/shared/time.js';
import type { Queries } from '../projections/queries.js';
import type { Log } from '../telemetry/log.js';
import type { Core } from './core.js';

export const openBootstrapTokens = (
  config: Config,
  applications: ApplicationCommands,
  queries: Pick<Queries, 'applications'>,
): BootstrapTokens =>
  new BootstrapTokens({
    applications,
    place: new TokenFile(config.BOOTSTRAP_TOKEN_PATH),
    scopes: config.BOOTSTRAP_TOKEN_SCOPE === undefined ? SCOPES : parseScopes(config.BOOTSTRAP_TOKEN_SCOPE),
    lifetimeSeconds: config.BOOTSTRAP_TOKEN_EXPIRATION,
    tokensOf: (clientId) => queries.applications.tokenIdsOf(clientId),
  });

/**
 * At each start: a token of now is in its place, if the configuration wants one; else what an earlier start provisioned
 * is gone (contract: config, FEATURE_PROGRAMMATIC_BOOTSTRAP).
 */
export async function provisionBootstrapToken(config: Config, core: Core, log: Log): Promise<void> {
  if (config.REGISTRY_STATE === 'readonly') return;
  try {
    if (config.isOn('PROGRAMMATIC_BOOTSTRAP')) await provision(config, core, log);
    else await retire(core);
  } catch (error) {
    // The registry serves without it; who waits for the token finds why in the log.
    log.error({ err: error, path: config.BOOTSTRAP_TOKEN_PATH }, 'the bootstrap token could not be provisioned');
  }
}

async function provision(config: Config, core: Core, log: Log): Promise<void> {
  const { queries, commands, ids } = core;
  const owner = await queries.accounts.byName(config.BOOTSTRAP_TOKEN_OWNER ?? '');
  if (!owner) {
    log.warn({ owner: config.BOOTSTRAP_TOKEN_OWNER }, 'the owner of the bootstrap token does not exist: none is made');
    return;
  }
  const context = systemContext('system', ids.next());
  const namespaceId = owner.namespaceId as NamespaceId;
  const known = await queries.applications.bootstrapApplications();
  for (const { clientId, namespaceId: other } of known.filter((each) => each.namespaceId !== owner.namespaceId)) {
    // It is somebody else's now.
    await commands.applications.remove(other as NamespaceId, clientId, context);
  }
  const clientId =
    known.find((each) => each.namespaceId === owner.namespaceId)?.clientId ??
    (await commands.bootstrapTokens.register(namespaceId, context));
  const client: BootstrapClient = { accountId: owner.id as AccountId, namespaceId, clientId };
  if (!(await isCurrent(core, client))) await commands.bootstrapTokens.rotate(client, context);
}

/** A restart does not take away what a program is working with. */
async function isCurrent({ commands, queries, sealing, clock }: Core, { clientId }: BootstrapClient): Promise<boolean> {
  const token = await commands.bootstrapTokens.current();
  const found = token && (await queries.applications.tokenByLookup(await sealing.lookup(TOKEN_LOOKUP, token)));
  return found !== undefined && found !== '' && found.clientId === clientId && isAlive(found.expires, clock.now());
}

async function retire({ commands, queries, ids }: Core): Promise<void> {
  for (const { namespaceId, clientId } of await queries.applications.bootstrapApplications()) {
    const context = systemContext('system', ids.next());
    await commands.bootstrapTokens.retire({ namespaceId: namespaceId as NamespaceId, clientId }, context);
  }
}
