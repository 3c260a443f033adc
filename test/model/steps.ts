import fc from 'fast-check';
import { manifests, tags } from './universe.js';

/** The time machine's window in which things are purged. */
export const WINDOW_SECONDS = 600;

/** What may be done to a repository, as data: it can be printed, made smaller, and done to a model or to the real thing. */
export type Step =
  | { readonly kind: 'push'; readonly push: Push }
  | { readonly kind: 'delete tag'; readonly tag: string }
  | { readonly kind: 'delete manifest'; readonly manifest: string }
  | { readonly kind: 'restore'; readonly tag: string; readonly manifest: string }
  | { readonly kind: 'move'; readonly tag: string; readonly manifest: string }
  /** Past the time machine: what is alive, or what has ended at a manifest. */
  | { readonly kind: 'purge'; readonly tag: string; readonly manifest: string | null; readonly release: boolean }
  /** Seconds from now, also into the past; null: never. */
  | { readonly kind: 'set end'; readonly tag: string; readonly seconds: number | null }
  /** Writes down that tags have ended. */
  | { readonly kind: 'record ends' }
  | { readonly kind: 'set state'; readonly readOnly: boolean }
  | { readonly kind: 'pass'; readonly seconds: number };

export type Push = {
  readonly manifest: string;
  readonly tags: readonly string[];
  readonly byDigest: boolean;
  /** Whether its blobs were uploaded here a moment ago. */
  readonly uploaded: boolean;
};

const manifest = fc.constantFrom(...manifests.map(({ name }) => name));
const tag = fc.constantFrom(...tags);

const pushByTag = fc.record({
  manifest,
  tags: tag.map((one) => [one]),
  byDigest: fc.constant(false),
  uploaded: fc.boolean(),
});
const pushByDigest = fc.record({
  manifest,
  tags: fc.uniqueArray(tag, { maxLength: 3 }),
  byDigest: fc.constant(true),
  uploaded: fc.boolean(),
});

/** Pushes are frequent, so that there is something to take away; a read-only repository soon is writable again. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: pushByTag.map((push): Step => ({ kind: 'push', push })) },
  { weight: 4, arbitrary: pushByDigest.map((push): Step => ({ kind: 'push', push })) },
  { weight: 2, arbitrary: tag.map((name): Step => ({ kind: 'delete tag', tag: name })) },
  { weight: 2, arbitrary: manifest.map((name): Step => ({ kind: 'delete manifest', manifest: name })) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restore'), tag, manifest }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move'), tag, manifest }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('purge'),
      tag,
      manifest: fc.oneof(fc.constant(null), manifest),
      release: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('set end'), tag, seconds: fc.constantFrom(null, -30, 0, 30, 120) }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'record ends' }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(0, 1, 29, 31, 61, 3_600).map((seconds): Step => ({ kind: 'pass', seconds })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(true, false, false).map((readOnly): Step => ({ kind: 'set state', readOnly })),
  },
);
