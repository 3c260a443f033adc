import {
  ManifestBlobUnknown,
  ManifestReferenced,
  ManifestUnknown,
  RepositoryNotWritable,
  TagUnknown,
} from '../../src/domain/repository/errors.js';
import type { Digest } from '../../src/domain/shared/digest.js';
import type { DomainError } from '../../src/domain/shared/errors.js';
import { isAlive, plusSeconds, timestamp, type Timestamp } from '../../src/domain/shared/time.js';
import type { Push, Step } from './steps.js';
import { cosignSubject, manifestNamed, manifestOf, type KnownManifest } from './universe.js';

type ModelManifest = { heldUntil: Timestamp | null | undefined; deleted: boolean };
type ModelTag = { readonly digest: Digest; readonly end: Timestamp | null };
export type Refusal = abstract new (...args: never[]) => DomainError;

/** A repository as the design describes it, without any thought of speed: every question looks at everything. */
export class RepositoryModel {
  readonly #manifests = new Map<Digest, ModelManifest>();
  readonly #tags = new Map<string, ModelTag>();
  #readOnly = false;
  now: Timestamp = timestamp(Date.UTC(2026, 5, 18));

  constructor(
    private readonly holdSeconds: number,
    private readonly sparse: boolean,
  ) {}

  liveTag(tag: string, now = this.now): ModelTag | undefined {
    const found = this.#tags.get(tag);
    return found && isAlive(found.end, now) ? found : undefined;
  }

  liveTagsOf(digest: Digest, now = this.now): string[] {
    return [...this.#tags.keys()].filter((tag) => this.liveTag(tag, now)?.digest === digest);
  }

  isVisible(digest: Digest, now = this.now): boolean {
    const manifest = this.#manifests.get(digest);
    if (!manifest || manifest.deleted) return false;
    const held = manifest.heldUntil !== undefined && isAlive(manifest.heldUntil, now);
    return held || this.liveTagsOf(digest, now).length > 0 || this.isNamed(digest, now);
  }

  /** Whether a visible manifest names the content, blob or child. */
  isNamed(content: Digest, now = this.now): boolean {
    return [...this.#manifests.keys()].some((digest) => {
      const { children, blobs } = manifestOf(digest);
      return [...children, ...blobs].includes(content) && this.isVisible(digest, now);
    });
  }

  /** Tags whose end nobody has written down yet. */
  endedTags(): { readonly tag: string; readonly digest: Digest }[] {
    return [...this.#tags].flatMap(([tag, { digest }]) => (this.liveTag(tag) ? [] : [{ tag, digest }]));
  }

  /** Why the step must be refused now, if it must. */
  refusal(step: Step): Refusal | undefined {
    if (step.kind === 'pass' || step.kind === 'set state' || step.kind === 'record ends') return undefined;
    if (this.#readOnly) return RepositoryNotWritable;
    switch (step.kind) {
      case 'push':
        return this.#misses(step.push) ? ManifestBlobUnknown : undefined;
      case 'delete tag':
      case 'set end':
        return this.liveTag(step.tag) ? undefined : TagUnknown;
      case 'delete manifest': {
        const { digest } = manifestNamed(step.manifest);
        if (!this.isVisible(digest)) return ManifestUnknown;
        return this.isNamed(digest) ? ManifestReferenced : undefined;
      }
      case 'restore':
        return this.#manifests.has(manifestNamed(step.manifest).digest) ? undefined : ManifestUnknown;
    }
  }

  /** The effect of a step that is not refused. */
  apply(step: Step): void {
    switch (step.kind) {
      case 'push':
        this.#push(step.push);
        return;
      case 'delete tag':
        this.#deleteTag(step.tag);
        return;
      case 'delete manifest':
        this.#deleteManifest(manifestNamed(step.manifest).digest);
        return;
      case 'restore':
        this.#tags.set(step.tag, { digest: manifestNamed(step.manifest).digest, end: null });
        this.#revive(manifestNamed(step.manifest).digest);
        return;
      case 'set end': {
        const found = this.liveTag(step.tag);
        if (found) this.#tags.set(step.tag, { ...found, end: this.after(step.seconds) });
        return;
      }
      case 'record ends':
        for (const { tag } of this.endedTags()) this.#tags.delete(tag);
        return;
      case 'set state':
        this.#readOnly = step.readOnly;
        return;
      case 'pass':
        this.now = plusSeconds(this.now, step.seconds);
    }
  }

  after(seconds: number | null): Timestamp | null {
    return seconds === null ? null : plusSeconds(this.now, seconds);
  }

  #misses({ manifest, uploaded }: Push): boolean {
    const { blobs, children } = manifestNamed(manifest);
    if (this.sparse) return false;
    const missesBlob = !uploaded && blobs.some((digest) => !this.isNamed(digest));
    return missesBlob || children.some((digest) => !this.isVisible(digest));
  }

  #push({ manifest: name, tags, byDigest }: Push): void {
    const manifest = manifestNamed(name);
    const { digest } = manifest;
    const end = this.#endOf(manifest);
    const known = this.#manifests.get(digest);
    const left = tags.map((tag) => this.liveTag(tag)?.digest).filter((previous) => previous !== digest);
    const heldUntil = byDigest ? this.#heldUntil(manifest, known?.heldUntil) : known?.heldUntil;
    this.#manifests.set(digest, { heldUntil, deleted: false });
    for (const tag of tags) this.#tags.set(tag, { digest, end });
    for (const previous of left) this.#closeSignatures(previous, tags);
  }

  /** A manifest with a subject has no end; renewing never shortens. */
  #heldUntil({ record }: KnownManifest, held: Timestamp | null | undefined): Timestamp | null {
    if (record.subject !== null || held === null) return null;
    const until = plusSeconds(this.now, this.holdSeconds);
    return held !== undefined && held > until ? held : until;
  }

  /** Asked before the push has its effect: for an index counts what all children that are there have in common. */
  #endOf({ record, children, expiresAfterSeconds }: KnownManifest): Timestamp | null {
    if (record.kind !== 'index') return this.after(expiresAfterSeconds);
    const ends = children
      .filter((child) => this.isVisible(child))
      .map((child) => manifestOf(child))
      .map((child) => (child.record.kind === 'index' ? null : child.expiresAfterSeconds));
    const [first = null] = ends;
    return this.after(ends.every((end) => end === first) ? first : null);
  }

  #deleteTag(tag: string): void {
    const digest = this.liveTag(tag)?.digest;
    this.#tags.delete(tag);
    this.#closeSignatures(digest, [tag]);
  }

  #deleteManifest(digest: Digest): void {
    const tags = this.liveTagsOf(digest);
    for (const tag of tags) this.#tags.delete(tag);
    this.#closeSignatures(digest, tags);
    this.#manifests.set(digest, { heldUntil: undefined, deleted: true });
  }

  #closeSignatures(digest: Digest | undefined, moved: readonly string[]): void {
    if (digest === undefined || this.liveTagsOf(digest).length > 0) return;
    for (const tag of [...this.#tags.keys()]) {
      if (cosignSubject(tag) === digest && !moved.includes(tag) && this.liveTag(tag)) this.#tags.delete(tag);
    }
  }

  #revive(digest: Digest): void {
    const manifest = this.#manifests.get(digest);
    if (!manifest) return;
    manifest.deleted = false;
    for (const child of manifestOf(digest).children) this.#revive(child);
  }
}
