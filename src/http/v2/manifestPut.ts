import { MediaTypeUnsupported } from '../../domain/manifest/errors.js';
import type { ManifestFacts } from '../../domain/manifest/facts.js';
import { configToRead } from '../../domain/manifest/labels.js';
import { manifestDigest } from '../../domain/manifest/manifestDigest.js';
import { isOciMediaType, isSchema1MediaType, type ManifestMediaType } from '../../domain/manifest/mediaTypes.js';
import { parseManifest } from '../../domain/manifest/parse.js';
import { checkSchema1Target } from '../../domain/manifest/schema1Target.js';
import { algorithmOf } from '../../domain/shared/digest.js';
import { isTagName, parseReference, TagInvalid } from '../../domain/shared/reference.js';
import { hasArrived, readBody } from './body.js';
import { OciError } from './errors.js';
import type { Exchange } from './exchange.js';
import { recordOf } from './manifestRecord.js';
import { requestedRepository } from './names.js';
import { contextOf, type Registry } from './registry.js';
import { admitWriter, checkWritable } from './writes.js';

type Target = { readonly name: string; readonly reference: string };

/** PUT of a manifest (distribution-spec, "Pushing Manifests"; contract: registry-v2 §7). */
export async function putManifest(registry: Registry, exchange: Exchange, { name, reference }: Target): Promise<void> {
  checkWritable(registry);
  const requested = requestedRepository(registry, name);
  const arrived = await hasArrived(exchange.request);
  const before = await admitWriter(registry, exchange, name, requested);
  const target = parseReference(reference);
  const bytes = await readBody(exchange.request, registry.settings.manifestBytes);
  const contentType = exchange.header('content-type');
  const facts = parseManifest(bytes, contentType);
  checkMediaTypeTaken(registry, requested.path.namespace, facts.mediaType);
  const expected = target.kind === 'digest' ? target.digest : undefined;
  const digest = manifestDigest(bytes, facts, expected === undefined ? 'sha256' : algorithmOf(expected));
  if (expected !== undefined && digest !== expected) {
    throw new OciError(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content', {
      expected,
      computed: digest,
    });
  }
  if (facts.schema1)
    checkSchema1Target(
      facts.schema1,
      requested.path,
      target.kind === 'tag' ? target.tag : null,
      registry.settings.names,
    );
  const tags = target.kind === 'tag' ? [target.tag] : [...tagParameters(exchange), ...embeddedTag(facts)];
  // Again: a right may have been taken away while the body was on its way.
  const { repositoryId, asSuperuser } = arrived ? before : await admitWriter(registry, exchange, name, requested);
  const config = configToRead(facts);
  const labelled = config === null ? undefined : { config, by: (read: Uint8Array) => recordOf(facts, read) };
  const record = { manifest: recordOf(facts), ...(labelled ? { labelled } : {}) };
  const command = { repositoryId, bytes, digest, ...record, tags, byDigest: target.kind === 'digest' };
  await registry.commands.pushManifest.handle(command, contextOf(exchange, registry.ids, asSuperuser));
  exchange.empty(201, [
    ...['Location', `/v2/${name}/manifests/${digest}`, 'Docker-Content-Digest', digest],
    ...(facts.subject && registry.settings.referrersApi ? ['OCI-Subject', facts.subject.digest] : []),
    ...(target.kind === 'digest' && tags.length > 0 ? ['OCI-Tag', tags.join(', ')] : []),
  ]);
}

/** Instances and namespaces may be closed to newer formats (contract: registry-v2 §7.1). */
function checkMediaTypeTaken({ settings }: Registry, namespace: string, mediaType: ManifestMediaType): void {
  const refused = isOciMediaType(mediaType) ? !settings.takesOci(namespace) : false;
  const tooNew = settings.onlySchema1(namespace) && !isSchema1MediaType(mediaType);
  if (refused || tooNew) throw new MediaTypeUnsupported(mediaType);
}

/** A schema 1 manifest pushed by digest is tagged with the tag that it was made for (contract: registry-v2 §7.4). */
const embeddedTag = ({ schema1 }: ManifestFacts): string[] => (schema1 && isTagName(schema1.tag) ? [schema1.tag] : []);

/** More than so many are refused with 414; at least 10 must be taken (DS-086). */
const MAXIMUM_TAGS = 100;

function tagParameters(exchange: Exchange): string[] {
  const tags = [...new Set(exchange.query.getAll('tag'))];
  if (tags.length > MAXIMUM_TAGS) {
    throw new OciError(414, 'MANIFEST_INVALID', `at most ${MAXIMUM_TAGS} tags can be given in one request`, {
      tags: tags.length,
    });
  }
  const wrong = tags.find((tag) => !isTagName(tag));
  if (wrong !== undefined) throw new TagInvalid(wrong);
  return tags;
}
