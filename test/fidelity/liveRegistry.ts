import { rmSync } from 'node:fs';
import { accountStream, namespaceStream, repositoryStream } from '../../src/commands/streamNames.js';
import type { RegisteredUser } from '../../src/commands/accounts.js';
import { openCore, type Core } from '../../src/composition/core.js';
import { openProjector } from '../../src/composition/projecting.js';
import { openEmbedded, type EmbeddedStores } from '../../src/composition/embedded.js';
import { loadConfig } from '../../src/config/load.js';
import type { Config } from '../../src/config/config.js';
import { accountAggregate, type Account } from '../../src/domain/account/account.js';
import type { AccountEvent } from '../../src/domain/account/events.js';
import type { NamespaceEvent } from '../../src/domain/namespace/events.js';
import { namespaceAggregate, type Namespace } from '../../src/domain/namespace/namespace.js';
import type { Grantee, RepositoryEvent } from '../../src/domain/repository/events.js';
import { repositoryAggregate } from '../../src/domain/repository/evolve.js';
import { active, liveTag } from '../../src/domain/repository/state.js';
import { DomainError } from '../../src/domain/shared/errors.js';
import type { RepositoryId } from '../../src/domain/shared/ids.js';
import { parseNamespaceName, parseRobotShortName } from '../../src/domain/shared/namespaceName.js';
import { parseRepositoryName } from '../../src/domain/shared/repositoryPath.js';
import { plusSeconds } from '../../src/domain/shared/time.js';
import { WINDOW_SECONDS, type Push, type Step } from '../model/steps.js';
import { allBlobs, manifestNamed, tags } from '../model/universe.js';
import { context, plainPasswords, quickFolder, TestClock, TestIds } from '../support/world.js';
import { ApplicationSteps } from './applications.js';
import { doInRegistry } from './registrySteps.js';
import { doOwn } from './ownSteps.js';
import type { Happening, Person, Place } from './workload.js';
import { chunks } from '../support/chunks.js';

/** The registry without its protocols: real commands on real embedded stores, read models fed as they are when it serves. */
export class LiveRegistry {
  readonly clock = new TestClock();
  readonly #ids = new TestIds();
  readonly #folder = quickFolder();
  readonly #config: Config = configIn(this.#folder);
  readonly #users = new Map<Person, RegisteredUser>();
  readonly #applications = new ApplicationSteps();
  readonly #repositories = new Map<string, RepositoryId>();
  /** Also those that were deleted since. */
  readonly everCreated = new Set<RepositoryId>();
  readonly everRegistered = new Set<RegisteredUser>();
  #running: { readonly stores: EmbeddedStores; readonly core: Core } | undefined;

  static async open(): Promise<LiveRegistry> {
    const registry = new LiveRegistry();
    await registry.#start();
    return registry;
  }

  get stores(): EmbeddedStores {
    return this.#now.stores;
  }

  get core(): Core {
    return this.#now.core;
  }

  /** @throws what is no refusal */
  async do(happening: Happening): Promise<void> {
    try {
      await this.#do(happening);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
  }

  /** The repository that is there now. */
  repositoryAt(place: Place): RepositoryId | undefined {
    return this.#repositories.get(keyOf(place));
  }

  /** Everything that was appended is shown. */
  async settle(): Promise<void> {
    await this.core.pulls.flush();
    await this.core.readModels.waitFor(await this.stores.events.end());
  }

  async restart(): Promise<void> {
    await this.#stop();
    await this.#start();
  }

  async close(): Promise<void> {
    await this.#stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #now(): { readonly stores: EmbeddedStores; readonly core: Core } {
    if (!this.#running) throw new Error('the registry is closed');
    return this.#running;
  }

  async #start(): Promise<void> {
    const stores = await openEmbedded(this.#config);
    const failed = (what: string, error: unknown): void => {
      throw new Error(`${what} failed`, { cause: error });
    };
    const { clock } = this;
    const core = await openCore({
      readModels: await openProjector(stores, failed),
      config: this.#config,
      stores,
      passwords: plainPasswords,
      clock,
      ids: this.#ids,
      failed,
    });
    core.readModels.start();
    this.#running = { stores, core };
  }

  async #stop(): Promise<void> {
    await this.core.pulls.flush();
    await this.core.readModels.close();
    await this.stores.close();
    this.#running = undefined;
  }

  async #do(happening: Happening): Promise<void> {
    switch (happening.kind) {
      case 'in repository':
        return this.#inRepository(happening.place, happening.step);
      case 'create':
      case 'delete':
      case 'describe':
      case 'label':
      case 'set visibility':
      case 'set mirror state':
      case 'grant':
      case 'revoke':
        return this.#withRepository(happening);
      case 'in the registry':
        return doInRegistry(this.core, happening.step);
      case 'pull':
        return this.#pull(happening.place, happening.times);
      case 'register':
        return this.#register(happening.person);
      default:
        return this.#withUser(happening);
    }
  }

  async #register(person: Person): Promise<void> {
    const name = parseNamespaceName(person);
    const user = { name, email: `${person}@example.org`, password: 'secret', superuser: false, timeMachineSeconds: 60 };
    const registered = await this.core.commands.accounts.register(user, context());
    this.#users.set(person, registered);
    this.everRegistered.add(registered);
  }

  async #withUser(happening: Extract<Happening, { readonly person: Person }>): Promise<void> {
    const user = this.#users.get(happening.person);
    if (!user) return;
    const { accounts } = this.core.commands;
    switch (happening.kind) {
      case 'register':
        return;
      case 'robot':
        return this.#withRobot(user, happening);
      case 'in applications':
        return this.#applications.do(happening.step, user, this.core);
      case 'change password':
        return accounts.changePassword(user.accountId, 'another secret', context());
      case 'own':
        return doOwn(this.core, user.accountId, happening.step);
      case 'disable':
        return accounts.setDisabled(user.accountId, happening.disabled, context());
      case 'delete account':
        return this.core.commands.accountLife.delete(user.accountId, [], context());
      case 'convert account': {
        const administrator = this.#users.get(happening.to)?.accountId;
        if (administrator === undefined || administrator === user.accountId) return;
        const command = { administrator, email: `${happening.person}@example.org` };
        return this.core.commands.accountLife.convert(user.accountId, command, context());
      }
      case 'rename':
        return this.core.commands.accountLife.rename(user.accountId, parseNamespaceName(happening.name), context());
      case 'make superuser':
        return this.#inAccount(user, ({ kind }) =>
          kind === 'active' ? [{ type: happening.superuser ? 'SuperuserGranted' : 'SuperuserRevoked', data: {} }] : [],
        );
      case 'disable namespace':
        return this.#inNamespace(user, ({ kind }) =>
          kind === 'active' ? [{ type: happening.disabled ? 'NamespaceDisabled' : 'NamespaceEnabled', data: {} }] : [],
        );
      case 'set window':
        return this.#inNamespace(user, ({ kind }) =>
          kind === 'active' ? [{ type: 'TimeMachineWindowSet', data: { seconds: happening.seconds } }] : [],
        );
    }
  }

  async #withRobot(
    { namespaceId }: RegisteredUser,
    { person, robot, act }: Extract<Happening, { readonly kind: 'robot' }>,
  ): Promise<void> {
    const { robots, permissions } = this.core.commands;
    const address = { namespaceId, shortName: parseRobotShortName(robot) };
    switch (act) {
      case 'create': {
        await robots.create({ ...address, description: `of ${person}`, metadata: { of: [person] } }, context());
        return;
      }
      case 'regenerate':
        return robots.regenerateToken(address, context());
      case 'delete':
        return robots.delete(address, context());
      case 'trust':
      case 'distrust': {
        const identity = { issuer: 'https://issuer.example.org', subject: person };
        await robots.setFederation(address, act === 'trust' ? [identity] : [], context());
        return;
      }
      case 'grant': {
        const found = await this.core.queries.robots.byName(namespaceId, robot);
        const repository = this.repositoryAt({ person, name: 'app' });
        if (!found || repository === undefined) return;
        const grantee = { kind: 'robot', id: found.id, name: `${person}+${robot}`, namespaceId } as const;
        const place = { namespace: person, owner: this.#users.get(person)?.accountId ?? null };
        return permissions.grant(repository, { grantee, role: 'write', place }, context());
      }
    }
  }

  async #inAccount({ accountId }: RegisteredUser, decide: (state: Account) => AccountEvent[]): Promise<void> {
    await this.core.streams.decide(accountAggregate, accountStream(accountId), context(), decide);
  }

  async #inNamespace({ namespaceId }: RegisteredUser, decide: (state: Namespace) => NamespaceEvent[]): Promise<void> {
    await this.core.streams.decide(namespaceAggregate, namespaceStream(namespaceId), context(), decide);
  }

  async #withRepository(
    happening: Extract<
      Happening,
      {
        readonly kind:
          'create' | 'delete' | 'describe' | 'label' | 'set visibility' | 'set mirror state' | 'grant' | 'revoke';
      }
    >,
  ): Promise<void> {
    const { repositories } = this.core.commands;
    if (happening.kind === 'create') return this.#create(happening.place);
    const id = this.repositoryAt(happening.place);
    if (id === undefined) return;
    switch (happening.kind) {
      case 'delete':
        await repositories.delete(id, context());
        this.#repositories.delete(keyOf(happening.place));
        return;
      case 'describe':
        return repositories.setDescription(id, happening.description, context());
      case 'label':
        return this.#label(id, happening);
      case 'set visibility':
        return repositories.setVisibility(id, happening.visibility, context());
      case 'set mirror state':
        return repositories.setState(id, happening.state, context());
      case 'grant':
        return repositories.grant(id, this.grantee(happening.to), happening.role, context());
      case 'revoke':
        return repositories.revoke(id, this.grantee(happening.from), context());
    }
  }

  /** Adds one, or takes away the one that was there longest, be it the manifest's own. */
  async #label(id: RepositoryId, { manifest, remove }: Extract<Happening, { readonly kind: 'label' }>): Promise<void> {
    const { digest } = manifestNamed(manifest);
    const { labels } = this.core.commands;
    if (!remove) {
      await labels.add(id, { digest, key: 'stage', value: '{}', mediaType: null }, context());
      return;
    }
    const [first] = await this.core.queries.labels.of(id, digest);
    if (first) await labels.remove(id, digest, first.id, context());
  }

  /** People are granted permissions by their present account's id, or by their name if they have none. */
  grantee(person: Person): Grantee {
    return { kind: 'user', id: this.#users.get(person)?.accountId ?? person };
  }

  async #create(place: Place): Promise<void> {
    const user = this.#users.get(place.person);
    if (!user) return;
    const { namespaceId, accountId } = user;
    const name = parseRepositoryName(place.name);
    const creator: Grantee = { kind: 'user', id: accountId };
    const command = { namespaceId, name, visibility: 'private', description: '', creator } as const;
    const id = await this.core.commands.repositories.ensure(command, context());
    this.#repositories.set(keyOf(place), id);
    this.everCreated.add(id);
  }

  async #pull(place: Place, times: number): Promise<void> {
    const repositoryId = this.repositoryAt(place);
    const user = this.#users.get(place.person);
    if (repositoryId === undefined || !user) return;
    const { digest, record } = manifestNamed('plain');
    const target = { repositoryId, reference: 'latest', digest, mediaType: record.mediaType };
    for (let pull = 0; pull < times; pull++) void this.core.pulls.record(user.namespaceId, context(), target);
    await this.core.pulls.flush();
  }

  async #inRepository(place: Place, step: Step): Promise<void> {
    const id = this.repositoryAt(place);
    if (id === undefined) return;
    const { tags: tagCommands, repositories } = this.core.commands;
    switch (step.kind) {
      case 'push':
        return this.#push(id, step.push);
      case 'delete tag':
        return tagCommands.deleteTag(id, step.tag, context());
      case 'delete manifest':
        return tagCommands.deleteManifest(id, manifestNamed(step.manifest).digest, context());
      case 'restore':
        return tagCommands.restoreTag(id, step.tag, manifestNamed(step.manifest).digest, context());
      case 'move':
        return tagCommands.moveTag(id, step.tag, manifestNamed(step.manifest).digest, context());
      case 'purge': {
        const digest = step.manifest === null ? null : manifestNamed(step.manifest).digest;
        const purge = { tag: step.tag, digest, windowSeconds: WINDOW_SECONDS, includeChildren: step.release };
        return tagCommands.purgeTag(id, purge, context());
      }
      case 'set end': {
        const end = step.seconds === null ? null : plusSeconds(this.clock.now(), step.seconds);
        return tagCommands.setExpiry(id, step.tag, end, context());
      }
      case 'record ends':
        return this.#recordEnds(id);
      case 'set state':
        return repositories.setState(id, step.readOnly ? 'READ_ONLY' : 'NORMAL', context());
      case 'pass':
        this.clock.pass(step.seconds);
    }
  }

  async #push(repositoryId: RepositoryId, { manifest, tags: pointed, byDigest, uploaded }: Push): Promise<void> {
    const { digest, bytes, record, blobs } = manifestNamed(manifest);
    const owner = { repositoryId, subject: 'user:ada' };
    for (const blob of allBlobs.filter(({ digest: known }) => uploaded && blobs.includes(known))) {
      const chunk = { source: chunks(blob.bytes), length: blob.bytes.byteLength, start: undefined };
      await this.core.uploads.storeWhole(owner, blob.digest, chunk);
    }
    const command = { repositoryId, bytes, digest, manifest: record, tags: pointed, byDigest };
    await this.core.commands.pushManifest.handle(command, context());
  }

  async #recordEnds(id: RepositoryId): Promise<void> {
    await this.core.streams.decide(repositoryAggregate, repositoryStream(id), context(), (repository, now) => {
      const state = active(repository);
      return tags.flatMap((tag): RepositoryEvent[] => {
        const found = state.tags.get(tag);
        return found && !liveTag(state, tag, now) ? [{ type: 'TagExpired', data: { tag, digest: found.digest } }] : [];
      });
    });
  }
}

const keyOf = ({ person, name }: Place): string => `${person}/${name}`;

const configIn = (folder: string): Config =>
  loadConfig({ TIDEMARK_DATA_PATH: folder, TIDEMARK_FEATURE_SPARSE_INDEX: 'true' }, folder).config;
