import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { toolPath } from '../tools/tools.js';
import { checkoutPath } from './checkout.js';
import { composeFile, variablesOfComposeFile, type ComposeFile } from './composeFile.js';

/** What Docker Compose itself makes of the file. */
function asComposeReads(...options: readonly string[]): ComposeFile {
  const file = checkoutPath('docker-compose.yml');
  const { status, stdout, stderr } = spawnSync(
    toolPath('compose'),
    ['--file', file, ...options, 'config', '--format', 'json'],
    // Nothing of these surroundings but where programs are found: the file's variables are not set.
    { encoding: 'utf8', env: { PATH: process.env['PATH'] } },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout) as ComposeFile;
}

describe('docker-compose.yml, as Docker Compose reads it', () => {
  it('is a valid project, with the services and settings that the other tests look at', () => {
    const [theirs, ours] = [asComposeReads('--env-file', '/dev/null'), composeFile()];
    expect(Object.keys(theirs.services).sort()).toEqual(Object.keys(ours.services).sort());
    expect(Object.keys(theirs.volumes).sort()).toEqual(Object.keys(ours.volumes).sort());
    for (const [name, service] of Object.entries(ours.services)) {
      const { environment = {}, image, restart, healthcheck, command = null, entrypoint = null } = service;
      expect(theirs.services[name]).toMatchObject({ image, command, entrypoint });
      expect(theirs.services[name]?.environment ?? {}).toEqual(environment);
      expect(theirs.services[name]?.restart).toEqual(restart);
      expect(theirs.services[name]?.healthcheck?.test).toEqual(healthcheck?.test);
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {}))
        expect(theirs.services[name]?.depends_on?.[other]).toMatchObject({ condition });
    }
  });

  it('is the same with .env.example as .env', () => {
    const withExample = asComposeReads('--env-file', checkoutPath('.env.example'));
    expect(withExample).toEqual(asComposeReads('--env-file', '/dev/null'));
    expect(Object.keys(variablesOfComposeFile())).not.toHaveLength(0);
  });
});
