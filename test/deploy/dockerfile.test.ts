import { describe, expect, it } from '@jest/globals';
import { checkoutText, packageJson } from './checkout.js';

const dockerfile = checkoutText('Dockerfile');
const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base = '']) => base);
const label = (name: string): string | undefined =>
  new RegExp(`org\\.opencontainers\\.image\\.${name}="([^"]*)"`).exec(dockerfile)?.[1];

describe('Dockerfile', () => {
  it('builds with the Node that the package pins', () => {
    expect(bases).toEqual([`node:${packageJson.dependencies['node'] ?? ''}-bookworm-slim`, expect.any(String)]);
  });

  it('runs on a system of one day, the same as it builds on', () => {
    expect(bases[1]).toMatch(/^debian:bookworm-\d{8}-slim$/);
  });

  it('says of the image what the package says', () => {
    expect(label('version')).toBe(packageJson.version);
    expect(label('description')).toBe(packageJson.description);
    expect(label('licenses')).toBe(packageJson.license);
    expect(label('base\\.name')).toBe(`docker.io/library/${bases[1] ?? ''}`);
  });
});
