import { spawnSync } from 'node:child_process';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST } from './images.js';
import { digestOf, type Descriptor } from './v2client.js';

const REF_NAME = 'org.opencontainers.image.ref.name';

/** An OCI image layout in a folder: what clients push and pull without a registry. */
export class Layout {
  private constructor(readonly folder: string) {}

  static async create(folder: string): Promise<Layout> {
    await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
    await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    return new Layout(folder);
  }

  async put(mediaType: string, bytes: Uint8Array): Promise<Descriptor> {
    const digest = digestOf(bytes);
    await writeFile(this.#file(digest), bytes);
    return { mediaType, digest, size: bytes.byteLength };
  }

  putJson(mediaType: string, document: object): Promise<Descriptor> {
    return this.put(mediaType, Buffer.from(JSON.stringify(document)));
  }

  /** An image of one layer that holds these files, as for a container. */
  async putImage(files: Readonly<Record<string, string>>, architecture = 'amd64'): Promise<Descriptor> {
    const layer = tarGz(files, join(this.folder, '..'));
    const config = {
      ...{
        architecture,
        os: 'linux',
        created: '2026-01-01T00:00:00Z',
        config: { Cmd: ['/hello'], Labels: { of: 'test' } },
      },
      rootfs: { type: 'layers', diff_ids: [digestOf(gunzipSync(layer))] },
      history: [{ created: '2026-01-01T00:00:00Z', created_by: 'test' }],
    };
    return this.putJson(OCI_MANIFEST, {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: await this.putJson(OCI_CONFIG, config),
      layers: [await this.put(OCI_LAYER, layer)],
    });
  }

  /** The same image for two architectures. */
  async putMultiArch(text: string): Promise<Descriptor> {
    const manifests = [];
    for (const architecture of ['amd64', 'arm64']) {
      const image = await this.putImage({ hello: `${text} for ${architecture}\n` }, architecture);
      manifests.push({ ...image, platform: { architecture, os: 'linux' } });
    }
    return this.putJson(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests });
  }

  /** Names what the layout is for. */
  async name(tag: string, descriptor: Descriptor): Promise<void> {
    const manifests = [{ ...descriptor, annotations: { [REF_NAME]: tag } }];
    await writeFile(
      join(this.folder, 'index.json'),
      JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }),
    );
  }

  #file(digest: string): string {
    return join(this.folder, 'blobs', ...digest.split(':'));
  }
}

/** The contents of a layout, each checked against its name. */
export async function contentsOf(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, 'blobs', 'sha256'));
  for (const name of names) {
    const bytes = await readFile(join(folder, 'blobs', 'sha256', name));
    if (digestOf(bytes) !== `sha256:${name}`) throw new Error(`${name} in ${folder} is not what it says`);
  }
  return names.sort();
}

/** Files with fixed times and owners, so that the bytes are the same each time. */
export function tarGz(files: Readonly<Record<string, string>>, scratch: string): Buffer {
  const script = Object.keys(files)
    .map((name) => `printf %s "$FILE_${Buffer.from(name).toString('hex')}" > "${name}"`)
    .join('\n');
  const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'] };
  for (const [name, text] of Object.entries(files)) env[`FILE_${Buffer.from(name).toString('hex')}`] = text;
  const names = Object.keys(files).sort().join(' ');
  const packing = 'tar --owner=0 --group=0 --mtime=@0 --mode=u=rw,go=r --format=ustar -cf -';
  const made = spawnSync('sh', ['-euc', `cd "$(mktemp -d -p "$SCRATCH")"\n${script}\n${packing} ${names}`], {
    env: { ...env, SCRATCH: scratch },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (made.status !== 0) throw new Error(`tar failed: ${made.stderr.toString()}`);
  return gzipSync(made.stdout);
}
