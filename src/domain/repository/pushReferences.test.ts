import { describe, expect, it } from '@jest/globals';
import { LONG_AGO, specification } from '../../../test/support/decider.js';
import {
  blob,
  child,
  digestNumber,
  EARLIER,
  image,
  index,
  manifestDeleted,
  NOW,
  pushed,
  pushedAndHeld,
  repositoryCreated,
  tagDeleted,
  tagMoved,
} from '../../../test/support/repositoryEvents.js';
import { annotationsInEvent } from '../manifest/annotations.js';
import { ManifestInvalid } from '../manifest/errors.js';
import { manifestLabels } from '../manifest/labels.js';
import { OCI_MANIFEST } from '../manifest/mediaTypes.js';
import { parseManifest } from '../manifest/parse.js';
import { digestOf, type Digest } from '../shared/digest.js';
import { ManifestBlobUnknown, ReferenceSizeWrong } from './errors.js';
import type { ManifestRecord, Reference, RepositoryEvent } from './events.js';
import { repositoryAggregate } from './evolve.js';
import { decidePushManifest } from './push.js';
import { active, type Repository } from './state.js';

const given = specification(repositoryAggregate);
const [A, B, CONFIG, LAYER, CHILD] = [
  digestNumber(1),
  digestNumber(2),
  digestNumber(3),
  digestNumber(4),
  digestNumber(5),
];

type Contents = { readonly held?: readonly Digest[]; readonly present?: readonly Digest[]; readonly sparse?: boolean };

const push =
  (manifest: ManifestRecord, { held = [], present = held, sparse = false }: Contents = {}) =>
  (state: Repository): RepositoryEvent[] =>
    decidePushManifest(
      {
        ...{ now: NOW, digest: A, manifest, tags: ['latest'], byDigest: false, holdSeconds: 3_600, sparse },
        ...{ held: new Set(held), present: new Set(present) },
      },
      state,
    );

const withBlobs = (references = [blob(CONFIG, 'config'), blob(LAYER)]): ManifestRecord => image({ references });
const absent = (reference: Reference): Reference => ({ ...reference, due: false });

describe('the blobs of a pushed manifest', () => {
  it('are there when they were uploaded or mounted here', () => {
    given(repositoryCreated())
      .when(push(withBlobs(), { held: [CONFIG, LAYER] }))
      .then(pushed(A, withBlobs()), tagMoved('latest', A));
  });

  it('are there when a visible manifest of the repository names them', () => {
    given(repositoryCreated(), pushed(B, withBlobs()), tagMoved('b', B))
      .when(push(withBlobs(), { present: [CONFIG, LAYER] }))
      .then(pushed(A, withBlobs()), tagMoved('latest', A));
  });

  it('are missing when the registry has them, but the repository has no right to them', () => {
    given(repositoryCreated())
      .when(push(withBlobs(), { present: [CONFIG, LAYER] }))
      .thenRefused(ManifestBlobUnknown, { missing: [CONFIG, LAYER] });
  });

  it('are missing when only a manifest that is not visible any more names them', () => {
    given(repositoryCreated(), pushed(B, withBlobs()), tagMoved('b', B), tagDeleted('b', B))
      .when(push(withBlobs(), { present: [CONFIG, LAYER] }))
      .thenRefused(ManifestBlobUnknown, { missing: [CONFIG, LAYER] });
  });

  it('are missing when the repository may read them, but their bytes are gone', () => {
    given(repositoryCreated(), pushed(B, withBlobs()), tagMoved('b', B))
      .when(push(withBlobs(), { held: [CONFIG, LAYER], present: [LAYER] }))
      .thenRefused(ManifestBlobUnknown, { missing: [CONFIG] });
  });

  it('are all named in one refusal, each once, children too', () => {
    const references = [blob(CONFIG, 'config'), blob(LAYER), blob(LAYER), child(CHILD)];
    given(repositoryCreated())
      .when(push(image({ references })))
      .thenRefused(ManifestBlobUnknown, { missing: [CONFIG, LAYER, CHILD] });
  });

  it('may be absent where they come from elsewhere', () => {
    const manifest = image({ references: [absent(blob(LAYER))] });
    given(repositoryCreated()).when(push(manifest)).then(pushed(A, manifest), tagMoved('latest', A));
  });
});

describe('the children of a pushed index', () => {
  it('are there when they are visible here', () => {
    given(repositoryCreated(), pushedAndHeld(CHILD, null))
      .when(push(index([CHILD])))
      .then(pushed(A, index([CHILD])), tagMoved('latest', A));
  });

  it.each<[string, RepositoryEvent[]]>([
    ['were never pushed', []],
    ['lost their last tag', [pushed(CHILD), tagMoved('c', CHILD), tagDeleted('c', CHILD)]],
    ['have outlived their time', [pushedAndHeld(CHILD, EARLIER)]],
    ['were deleted', [pushedAndHeld(CHILD, null), manifestDeleted(CHILD)]],
  ])('are missing when they %s', (_, events) => {
    given(repositoryCreated(), ...events)
      .when(push(index([CHILD])))
      .thenRefused(ManifestBlobUnknown, { missing: [CHILD] });
  });

  it('must have the size that the index states', () => {
    given(repositoryCreated(), pushedAndHeld(CHILD, null))
      .when(push(image({ kind: 'index', references: [child(CHILD, 501)] })))
      .thenRefused(ReferenceSizeWrong, { digest: CHILD, stated: 501, stored: 500 });
  });
});

describe('sparse content', () => {
  it('is recorded as absent', () => {
    const references = [blob(CONFIG, 'config'), blob(LAYER), child(CHILD)];
    const recorded = image({ references: [blob(CONFIG, 'config'), absent(blob(LAYER)), absent(child(CHILD))] });
    given(repositoryCreated())
      .when(push(image({ references }), { held: [CONFIG], sparse: true }))
      .then(pushed(A, recorded), tagMoved('latest', A));
  });

  it('does without a layer or a child, never without the config', () => {
    given(repositoryCreated())
      .when(push(withBlobs(), { held: [LAYER], sparse: true }))
      .thenRefused(ManifestBlobUnknown, { missing: [CONFIG] });
  });
});

describe('more references than an event holds', () => {
  const many = (count: number): Reference[] =>
    Array.from({ length: count }, (_, number) =>
      absent(blob(digestOf('sha256', number.toString(16).padStart(64, '0')))),
    );
  const partsOf = (events: readonly RepositoryEvent[]): (readonly Reference[])[] =>
    events.flatMap(({ type, data }) => {
      if (type === 'ManifestPushed') return [data.manifest.references];
      return type === 'ManifestReferencesAdded' ? [data.references] : [];
    });
  const pushOf = (manifest: ManifestRecord): RepositoryEvent[] =>
    push(manifest)(repositoryAggregate.evolve(repositoryAggregate.initial(), { ...repositoryCreated(), at: LONG_AGO }));
  const pushTo = (references: readonly Reference[]): RepositoryEvent[] => pushOf(image({ references }));

  it.each([0, 1, 119, 120])('are not %i', (count) => {
    const events = pushTo(many(count));
    expect(events.map(({ type }) => type)).toEqual(['ManifestPushed', 'TagMoved']);
    expect(partsOf(events)).toEqual([many(count)]);
  });

  it.each([121, 240, 241, 4_096])('go on in further events of the same append when there are %i', (count) => {
    const parts = partsOf(pushTo(many(count)));
    expect(parts.length).toBe(Math.ceil(count / 120));
    expect(parts.every((part) => part.length > 0 && part.length <= 120)).toBe(true);
    expect(parts.flat()).toEqual(many(count));
  });

  it('fold into one record, also when the manifest is pushed again', () => {
    const references = many(300);
    let state = repositoryAggregate.evolve(repositoryAggregate.initial(), { ...repositoryCreated(), at: LONG_AGO });
    for (let times = 0; times < 2; times++) {
      const command = {
        ...{ now: NOW, digest: A, manifest: image({ references }), tags: [], byDigest: true, holdSeconds: 3_600 },
        ...{ held: new Set<Digest>(), present: new Set<Digest>(), sparse: false },
      };
      for (const event of decidePushManifest(command, state)) {
        state = repositoryAggregate.evolve(state, { ...event, at: NOW });
      }
    }
    const { manifests, namedBy } = active(state);
    expect(manifests.get(A)?.record.references).toEqual(references);
    expect(references.every(({ digest }) => namedBy.get(digest)?.has(A))).toBe(true);
  });

  it('leave room in each event for all else that it may hold', () => {
    const manifest = largest(2_000);
    const events = pushOf(manifest);
    const sizes = events.map(({ data }) => Buffer.byteLength(JSON.stringify(data)));
    expect(Math.max(...sizes)).toBeLessThan(58 * 1_024);
    expect(partsOf(events).flat()).toEqual(manifest.references);
  });

  it('are refused when no append could hold them', () => {
    given(repositoryCreated())
      .when(push(largest(4_095)))
      .thenRefused(ManifestInvalid);
  });
});

/** As much as the parser lets through: the longest media types and digests, and many small annotations that are labels. */
function largest(layers: number): ManifestRecord {
  const mediaType = `${'a'.repeat(127)}/${'b'.repeat(127)}`;
  const annotations = Object.fromEntries(Array.from({ length: 1_400 }, (_, number) => [number.toString(36), 'é']));
  const document = {
    schemaVersion: 2,
    config: { mediaType, digest: CONFIG, size: 1_000_000_000_000 },
    layers: Array.from({ length: layers }, (_, number) => {
      const digest = digestOf('sha512', number.toString(16).padStart(128, '0'));
      return { mediaType, digest, size: 1_000_000_000_000 };
    }),
    artifactType: mediaType,
    annotations,
  };
  const facts = parseManifest(Buffer.from(JSON.stringify(document)), OCI_MANIFEST);
  const { annotations: kept, flagged } = annotationsInEvent(facts);
  if (flagged) throw new Error('the annotations were to be within the bound');
  const references = facts.references.map((reference) => absent({ ...reference }));
  return image({ references, annotations: kept, labels: manifestLabels(facts).labels, artifactType: mediaType });
}
