import { systemContext } from '../../src/commands/context.js';
import type { Core } from '../../src/composition/core.js';
import { serve } from '../../src/composition/serve.js';
import { loadConfig } from '../../src/config/load.js';
import type { RepositoryState, Role, Visibility } from '../../src/domain/repository/events.js';
import type { AccountId, RepositoryId } from '../../src/domain/shared/ids.js';
import { parseNamespaceName } from '../../src/domain/shared/namespaceName.js';
import { createLog } from '../../src/telemetry/log.js';
import { createMetrics } from '../../src/telemetry/metrics.js';

// Run as a process of its own: the registry as it is composed for `serve`, whose commands the test calls by messages.

/** How far this process is ahead of everybody else, in milliseconds: a test need not wait for what takes time. */
let ahead = 0;
const RealDate = Date;
class AheadDate extends RealDate {
  constructor(...given: [] | [number | string | Date]) {
    super(given[0] ?? RealDate.now() + ahead);
  }
  static override now(): number {
    return RealDate.now() + ahead;
  }
}
globalThis.Date = AheadDate as DateConstructor;

const { config } = loadConfig(process.env, process.cwd());
const log = createLog({ level: 'error', human: false });
const serving = await serve({ config, log, metrics: createMetrics(config.PROMETHEUS_NAMESPACE) });
const { accounts, repositories } = serving.core.commands;

const context = () => systemContext('cli', serving.core.ids.next());
const known = new Map<string, AccountId>();

function account(name: string): AccountId {
  const id = known.get(name);
  if (!id) throw new Error(`the test made no user ${name}`);
  return id;
}

async function repositoryId(core: Core, path: string): Promise<RepositoryId> {
  const slash = path.indexOf('/');
  const namespace = await core.queries.namespaces.byName(path.slice(0, slash));
  const found = namespace && (await core.queries.repositories.byName(namespace.id, path.slice(slash + 1)));
  if (!found) throw new Error(`there is no repository ${path}`);
  // Ids in documents were branded before they went into an event.
  return found.id as RepositoryId;
}

const repository = (path: string): Promise<RepositoryId> => repositoryId(serving.core, path);

const operations = {
  /** Sets the clock of the registry forward. */
  advance: (seconds: number): Promise<void> => {
    ahead += seconds * 1000;
    return Promise.resolve();
  },
  createUser: async (name: string, password: string, superuser: boolean, email: string | null): Promise<void> => {
    const user = {
      name: parseNamespaceName(name, 'username'),
      email,
      password,
      superuser,
      timeMachineSeconds: 14 * 86_400,
    };
    known.set(name, (await accounts.register(user, context())).accountId);
  },
  changePassword: (user: string, password: string): Promise<void> =>
    accounts.changePassword(account(user), password, context()),
  setDisabled: (user: string, disabled: boolean): Promise<void> =>
    accounts.setDisabled(account(user), disabled, context()),
  grant: async (path: string, user: string, role: Role): Promise<void> => {
    await repositories.grant(await repository(path), { kind: 'user', id: account(user) }, role, context());
  },
  revoke: async (path: string, user: string): Promise<void> => {
    await repositories.revoke(await repository(path), { kind: 'user', id: account(user) }, context());
  },
  setVisibility: async (path: string, visibility: Visibility): Promise<void> => {
    await repositories.setVisibility(await repository(path), visibility, context());
  },
  setState: async (path: string, state: RepositoryState): Promise<void> => {
    await repositories.setState(await repository(path), state, context());
  },
  deleteRepository: async (path: string): Promise<void> => {
    await repositories.delete(await repository(path), context());
  },
};

export type Operations = typeof operations;
export type OperationName = keyof Operations;
export type OperationRequest = { readonly id: number; readonly name: OperationName; readonly args: readonly unknown[] };
export type OperationAnswer = { readonly id: number; readonly error: string | null };

process.on('message', (message: OperationRequest) => {
  const { id, name, args } = message;
  const answer = (error: string | null): void => {
    process.send?.({ id, error } satisfies OperationAnswer);
  };
  // The other end is typed by `Operations`.
  const operation = operations[name] as (...given: readonly unknown[]) => Promise<void>;
  operation(...args).then(
    () => {
      answer(null);
    },
    (error: unknown) => {
      answer(String(error));
    },
  );
});
process.on('SIGTERM', () => {
  void serving.stop().then(() => process.exit(0));
});
