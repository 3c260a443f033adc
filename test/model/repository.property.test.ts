import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideDeleteManifest, decideDeleteTag } from '../../src/domain/repository/deleteTag.js';
import type { RepositoryEvent } from '../../src/domain/repository/events.js';
import { repositoryAggregate } from '../../src/domain/repository/evolve.js';
import { decideMoveTag } from '../../src/domain/repository/moveTag.js';
import { decidePurgeTag } from '../../src/domain/repository/purgeTag.js';
import { decidePushManifest } from '../../src/domain/repository/push.js';
import { decideRestoreTag } from '../../src/domain/repository/restoreTag.js';
import { decideSetTagExpiry } from '../../src/domain/repository/tagExpiry.js';
import { decideSetState } from '../../src/domain/repository/settings.js';
import {
  active,
  isReachable,
  isVisible,
  liveTag,
  liveTagsOf,
  visibleParent,
  type Repository,
} from '../../src/domain/repository/state.js';
import type { Happened } from '../../src/domain/shared/event.js';
import { plusSeconds } from '../../src/domain/shared/time.js';
import { repositoryCreated, tagExpired } from '../support/repositoryEvents.js';
import { RepositoryModel } from './repositoryModel.js';
import { step, WINDOW_SECONDS, type Step } from './steps.js';
import { allBlobs, manifestNamed, manifests, tags } from './universe.js';

const HOLD_SECONDS = 600;

/** The repository as a process has it: events, and their fold that is changed in place. */
class FoldedRepository {
  readonly model: RepositoryModel;
  readonly #events: Happened<RepositoryEvent>[] = [];
  state: Repository = repositoryAggregate.initial();

  constructor(private readonly sparse: boolean) {
    this.model = new RepositoryModel(HOLD_SECONDS, sparse);
    this.#take([repositoryCreated()]);
  }

  /** Does it and the model the same; both must agree on whether it is refused, and why. */
  do(step: Step): void {
    const refusal = this.model.refusal(step);
    const outcome = this.#attempt(step);
    if (refusal !== undefined) {
      expect(outcome).toBeInstanceOf(refusal);
    } else {
      if (outcome instanceof Error) throw outcome;
      this.#take(outcome);
      this.model.apply(step);
    }
  }

  /** What the events give anew, read back from JSON. */
  foldedAnew(): Repository {
    const stored = JSON.parse(JSON.stringify(this.#events)) as Happened<RepositoryEvent>[];
    return stored.reduce<Repository>(
      (state, event) => repositoryAggregate.evolve(state, event),
      repositoryAggregate.initial(),
    );
  }

  #take(events: readonly RepositoryEvent[]): void {
    for (const event of events) {
      const happened = { ...event, at: this.model.now };
      this.#events.push(happened);
      this.state = repositoryAggregate.evolve(this.state, happened);
    }
  }

  #attempt(step: Step): readonly RepositoryEvent[] | Error {
    try {
      return this.#decide(step);
    } catch (error) {
      return error instanceof Error ? error : new Error('something was thrown that is no error', { cause: error });
    }
  }

  #decide(step: Step): readonly RepositoryEvent[] {
    const { now } = this.model;
    switch (step.kind) {
      case 'push': {
        const { manifest, tags: pointed, byDigest, uploaded } = step.push;
        const { digest, record, blobs } = manifestNamed(manifest);
        const facts = { held: new Set(uploaded ? blobs : []), present: new Set(uploaded || !this.sparse ? blobs : []) };
        const command = { now, digest, manifest: record, tags: pointed, byDigest, ...facts };
        return decidePushManifest({ ...command, sparse: this.sparse, holdSeconds: HOLD_SECONDS }, this.state);
      }
      case 'delete tag':
        return decideDeleteTag({ now, tag: step.tag }, this.state);
      case 'delete manifest':
        return decideDeleteManifest({ now, digest: manifestNamed(step.manifest).digest }, this.state);
      case 'restore':
        return decideRestoreTag({ now, tag: step.tag, digest: manifestNamed(step.manifest).digest }, this.state);
      case 'move':
        return decideMoveTag({ now, tag: step.tag, digest: manifestNamed(step.manifest).digest }, this.state);
      case 'purge': {
        const digest = step.manifest === null ? null : manifestNamed(step.manifest).digest;
        const purge = { now, tag: step.tag, digest, windowSeconds: WINDOW_SECONDS, releaseChildren: step.release };
        return decidePurgeTag(purge, this.state);
      }
      case 'set end':
        return decideSetTagExpiry({ now, tag: step.tag, end: this.model.after(step.seconds) }, this.state);
      case 'record ends':
        return this.model.endedTags().map(({ tag, digest }) => tagExpired(tag, digest));
      case 'set state':
        return decideSetState(step.readOnly ? 'READ_ONLY' : 'NORMAL', this.state);
      case 'pass':
        return [];
    }
  }
}

/** Everything that can be asked, now and later, has the same answer. */
function expectAgreement({ model, state: repository }: FoldedRepository): void {
  const state = active(repository);
  for (const now of [0, 30, 3_600, 86_400].map((seconds) => plusSeconds(model.now, seconds))) {
    const told = {
      visible: manifests.filter(({ digest }) => isVisible(state, digest, now)).map(({ name }) => name),
      named: allBlobs.filter(({ digest }) => visibleParent(state, digest, now)).map(({ name }) => name),
      tags: tags.map((tag) => liveTag(state, tag, now)).map((tag) => tag && { digest: tag.digest, end: tag.end }),
      tagsOf: manifests.map(({ digest }) => liveTagsOf(state, digest, now).sort()),
      reachable: manifests.filter(({ digest }) => isReachable(state, digest, now)).map(({ name }) => name),
    };
    expect(told).toEqual({
      visible: manifests.filter(({ digest }) => model.isVisible(digest, now)).map(({ name }) => name),
      named: allBlobs.filter(({ digest }) => model.isNamed(digest, now)).map(({ name }) => name),
      tags: tags.map((tag) => model.liveTag(tag, now)),
      tagsOf: manifests.map(({ digest }) => model.liveTagsOf(digest, now).sort()),
      reachable: manifests.filter(({ digest }) => model.isReachable(digest, now)).map(({ name }) => name),
    });
  }
}

describe.each([
  ['that takes no sparse indexes', false],
  ['that takes sparse indexes', true],
])('a repository %s', (_, sparse) => {
  it('is what the design says after whatever was done to it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const repository = new FoldedRepository(sparse);
        for (const each of steps) {
          repository.do(each);
          expectAgreement(repository);
        }
        expect(repository.foldedAnew()).toEqual(repository.state);
      }),
      { seed: 20_260_618, numRuns: 50 },
    );
  });
});
