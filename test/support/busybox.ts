import { createHash } from 'node:crypto';
import { blob, OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from './images.js';
import type { Descriptor, Repository } from './v2client.js';

/** The size of the image in the stories of Quay's documentation. */
export const BUSYBOX_BYTES = 2_275_314;

export type BusyboxOptions = {
  /** Beyond those that it has in the stories. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What tells one image from another. */
  readonly edition?: string;
  /** Of its layer. */
  readonly bytes?: number;
};

/** An image with one layer, with a history as builders write it, and the labels of the stories. */
export async function pushBusybox(
  repository: Repository,
  reference: string,
  { labels = {}, edition = '1.36.1', bytes = BUSYBOX_BYTES }: BusyboxOptions = {},
): Promise<Descriptor> {
  const layer = Buffer.alloc(bytes, edition);
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: {
      Cmd: ['sh'],
      Labels: {
        'org.opencontainers.image.url': 'https://github.com/docker-library/busybox',
        'org.opencontainers.image.version': `${edition}-glibc`,
        ...labels,
      },
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(layer).digest('hex')}`] },
    history: [
      { created: '2023-05-18T22:34:17Z', created_by: 'BusyBox 1.36.1 (glibc), Debian 12', author: 'somebody' },
      {
        created: '2023-05-18T22:34:18.123456789Z',
        created_by: '["CMD","sh"]',
        empty_layer: true,
        comment: 'a command',
      },
    ],
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: await blob(repository, OCI_CONFIG, config),
    layers: [await blob(repository, OCI_LAYER, layer)],
  };
  return repository.pushManifest(manifest, OCI_MANIFEST, reference);
}
