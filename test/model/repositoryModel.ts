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
import { WINDOW_SECONDS, type Push, type Step } from './steps.js';
import { cosignSubject, manifestNamed, manifestOf, type KnownManifest } from './universe.js';

type ModelManifest = {
  heldUntil: Timestamp | null | undefined;
  deleted: boolean;
  purged: boolean;
  /** The children that were there when it was recorded. */
  readonly recorded: readonly Digest[];
};
type ModelTag = { readonly digest: Digest; readonly end: Timestamp | null };
/** Where a tag was, and until when. */
type Stay = { readonly tag: string; readonly digest: Digest; readonly end: Timestamp };
export type Refusal = abstract new (...args: never[]) => DomainError;

/** A repository as the design describes it, without any thought of speed: every question looks at everything. */
export class RepositoryModel {
  readonly #manifests = new Map<Digest, ModelManifest>();
  readonly #tags = new Map<string, ModelTag>();
  /** All that have ended and were not purged. */
  #stays: Stay[] = [];
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

  /** As `isVisible`, by live tags alone. */
  isReachable(digest: Digest, now = this.now): boolean {
    const manifest = this.#manifests.get(digest);
    if (!manifest || manifest.deleted) return false;
    return this.liveTagsOf(digest, now).length > 0 || this.#parents(digest).some((one) => this.isReachable(one, now));
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
    if (step.kind === 'purge') return this.#refusalToPurge(step);
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
        return this.#isStored(manifestNamed(step.manifest).digest) ? undefined : ManifestUnknown;
      case 'move':
        return this.isReachable(manifestNamed(step.manifest).digest) ? undefined : ManifestUnknown;
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
        this.#point(step.tag, manifestNamed(step.manifest));
        this.#revive(manifestNamed(step.manifest).digest);
        return;
      case 'move':
        this.#point(step.tag, manifestNamed(step.manifest));
        return;
      case 'purge':
        this.#purge(step);
        return;
      case 'set end': {
        const found = this.liveTag(step.tag);
        if (found) this.#tags.set(step.tag, { ...found, end: this.after(step.seconds) });
        return;
      }
      case 'record ends':
        for (const { tag } of this.endedTags()) this.#close(tag);
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
    const known = this.#manifests.get(digest);
    const there = manifest.children.filter((child) => this.isVisible(child));
    const end = this.#endOf(manifest, there);
    const left = tags.map((tag) => this.liveTag(tag)?.digest).filter((previous) => previous !== digest);
    const heldUntil = byDigest ? this.#heldUntil(manifest, known?.heldUntil) : known?.heldUntil;
    const recorded = known && !known.deleted && !byDigest ? known.recorded : there;
    this.#manifests.set(digest, { heldUntil, deleted: false, purged: false, recorded });
    for (const tag of tags) this.#open(tag, { digest, end });
    for (const previous of left) this.#closeSignatures(previous, tags);
  }

  /** A tag goes to a manifest that is stored. */
  #point(tag: string, manifest: KnownManifest): void {
    const { digest } = manifest;
    const previous = this.liveTag(tag)?.digest;
    this.#open(tag, { digest, end: this.#endOf(manifest, this.#manifests.get(digest)?.recorded ?? []) });
    if (previous !== digest) this.#closeSignatures(previous, [tag]);
  }

  #open(tag: string, to: ModelTag): void {
    this.#close(tag);
    this.#tags.set(tag, to);
  }

  #close(tag: string): void {
    const found = this.#tags.get(tag);
    if (!found) return;
    this.#tags.delete(tag);
    const end = this.#isOver(found) ? found.end : this.now;
    this.#stays.push({ tag, digest: found.digest, end });
  }

  #isOver(tag: ModelTag): tag is ModelTag & { readonly end: Timestamp } {
    return !isAlive(tag.end, this.now);
  }

  /** Those of tags that are over count, whether or not anybody wrote it down. */
  #endedStays(): Stay[] {
    const over = [...this.#tags].flatMap(([tag, found]) => (this.#isOver(found) ? [{ tag, ...found }] : []));
    return [...this.#stays, ...over];
  }

  /** A manifest with a subject has no end; renewing never shortens. */
  #heldUntil({ record }: KnownManifest, held: Timestamp | null | undefined): Timestamp | null {
    if (record.subject !== null || held === null) return null;
    const until = plusSeconds(this.now, this.holdSeconds);
    return held !== undefined && held > until ? held : until;
  }

  /** For an index counts what all children that are there have in common. */
  #endOf({ record, expiresAfterSeconds }: KnownManifest, there: readonly Digest[]): Timestamp | null {
    if (record.kind !== 'index') return this.after(expiresAfterSeconds);
    const ends = there
      .map((child) => manifestOf(child))
      .map((child) => (child.record.kind === 'index' ? null : child.expiresAfterSeconds));
    const [first = null] = ends;
    return this.after(ends.every((end) => end === first) ? first : null);
  }

  #deleteTag(tag: string): void {
    const digest = this.liveTag(tag)?.digest;
    this.#close(tag);
    this.#closeSignatures(digest, [tag]);
  }

  #deleteManifest(digest: Digest): void {
    const tags = this.liveTagsOf(digest);
    for (const tag of tags) this.#close(tag);
    this.#closeSignatures(digest, tags);
    this.#forget(digest, false);
  }

  #closeSignatures(digest: Digest | undefined, moved: readonly string[]): void {
    if (digest === undefined || this.liveTagsOf(digest).length > 0) return;
    for (const tag of [...this.#tags.keys()]) {
      if (cosignSubject(tag) === digest && !moved.includes(tag) && this.liveTag(tag)) this.#close(tag);
    }
  }

  #revive(digest: Digest): void {
    const manifest = this.#manifests.get(digest);
    if (manifest && !manifest.purged) manifest.deleted = false;
    for (const child of manifestOf(digest).children) this.#revive(child);
  }

  #forget(digest: Digest, purged: boolean): void {
    const known = this.#manifests.get(digest);
    if (known) this.#manifests.set(digest, { ...known, heldUntil: undefined, deleted: true, purged });
  }

  #isStored(digest: Digest): boolean {
    return this.#manifests.get(digest)?.purged === false;
  }

  #parents(digest: Digest): Digest[] {
    return [...this.#manifests.keys()].filter((parent) => manifestOf(parent).children.includes(digest));
  }

  #refusalToPurge({ tag, manifest }: Purge): Refusal | undefined {
    if (manifest === null) return this.liveTag(tag) ? undefined : TagUnknown;
    if (!this.#isStored(manifestNamed(manifest).digest)) return ManifestUnknown;
    return this.#endedStays().some((stay) => this.#isToGo(stay, tag, manifest)) ? undefined : TagUnknown;
  }

  #isToGo({ tag, digest, end }: Stay, purged: string, manifest: string): boolean {
    return tag === purged && digest === manifestNamed(manifest).digest && this.#isInWindow(end);
  }

  #isInWindow(end: Timestamp): boolean {
    return end > plusSeconds(this.now, -WINDOW_SECONDS);
  }

  /** What nobody can come back to any more goes with the stay. */
  #purge({ tag, manifest, release }: Purge): void {
    const found = this.#tags.get(tag);
    const digest = manifest === null ? found?.digest : manifestNamed(manifest).digest;
    if (digest === undefined) return;
    if (manifest !== null) this.#stays = this.#stays.filter((stay) => !this.#isToGo(stay, tag, manifest));
    if (found?.digest === digest && (manifest === null || this.#isOver(found))) this.#tags.delete(tag);
    const released = release ? this.#descendants(digest) : [];
    const gone = [digest, ...this.#descendants(digest)].filter((each) => !this.#canComeBack(each, released));
    for (const each of gone.filter((one) => this.#isStored(one))) this.#forget(each, true);
  }

  #descendants(digest: Digest): Digest[] {
    if (!this.#manifests.has(digest)) return [];
    return manifestOf(digest).children.flatMap((child) => [child, ...this.#descendants(child)]);
  }

  /** By a live tag, by the time that a push gave it, by restoring what it was; itself or one that names it. */
  #canComeBack(digest: Digest, released: readonly Digest[]): boolean {
    const manifest = this.#manifests.get(digest);
    if (!manifest || manifest.purged) return false;
    const held =
      manifest.heldUntil !== undefined && isAlive(manifest.heldUntil, this.now) && !released.includes(digest);
    const stayed = this.#endedStays().some((stay) => stay.digest === digest && this.#isInWindow(stay.end));
    if (held || stayed || this.liveTagsOf(digest).length > 0) return true;
    return this.#parents(digest).some((parent) => this.#canComeBack(parent, released));
  }
}

type Purge = Extract<Step, { readonly kind: 'purge' }>;
