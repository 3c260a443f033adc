/** What a `/v2` path asks for; names are not checked yet. */
export type V2Route =
  | { readonly kind: 'ping' | 'auth' | 'catalog' }
  | { readonly kind: 'tags'; readonly name: string }
  | { readonly kind: 'manifest'; readonly name: string; readonly reference: string }
  | { readonly kind: 'blob'; readonly name: string; readonly digest: string }
  | { readonly kind: 'uploads'; readonly name: string }
  | { readonly kind: 'upload'; readonly name: string; readonly id: string }
  | { readonly kind: 'referrers'; readonly name: string; readonly digest: string };

const PREFIX = '/v2/';
const UPLOADS = '/blobs/uploads';

/**
 * Matches from the right, because a repository name may itself contain `blobs`, `manifests` or `tags`
 * (contract: registry-v2 §1).
 */
export function parseV2Path(path: string): V2Route | undefined {
  if (path === '/v2' || path === PREFIX) return { kind: 'ping' };
  if (!path.startsWith(PREFIX)) return undefined;
  if (path === '/v2/auth') return { kind: 'auth' };
  if (path === '/v2/_catalog') return { kind: 'catalog' };
  const slash = path.lastIndexOf('/');
  const last = path.slice(slash + 1);
  const before = path.slice(PREFIX.length, slash);
  if (last === '' && before.endsWith(UPLOADS)) return uploads(before);
  const inner = before.lastIndexOf('/');
  if (inner < 0) return undefined;
  const name = before.slice(0, inner);
  switch (before.slice(inner + 1)) {
    case 'manifests':
      return { kind: 'manifest', name, reference: decode(last) };
    case 'blobs':
      return last === 'uploads' ? { kind: 'uploads', name } : { kind: 'blob', name, digest: decode(last) };
    case 'uploads':
      return name.endsWith('/blobs') ? { kind: 'upload', name: name.slice(0, -'/blobs'.length), id: last } : undefined;
    case 'referrers':
      return { kind: 'referrers', name, digest: decode(last) };
    case 'tags':
      return last === 'list' ? { kind: 'tags', name } : undefined;
    default:
      return undefined;
  }
}

const uploads = (before: string): V2Route => ({ kind: 'uploads', name: before.slice(0, -UPLOADS.length) });

/** Some clients send the colon of a digest as `%3A`. */
function decode(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    // What cannot be decoded is taken as it stands; it is no tag and no digest, and is refused as such.
    return segment;
  }
}
