import { describe, expect, it } from '@jest/globals';
import { firstAdministratorCommand } from './announceSetup.js';

const embedded = { EVENT_STORE: 'embedded', DATA_PATH: '/srv/data' } as const;
const engines = { EVENT_STORE: 'eventstoredb', DATA_PATH: '/srv/data' } as const;

describe('the command that makes the first administrator', () => {
  it('is the program where it was started as such, and a script of npm where npm started it', () => {
    expect(firstAdministratorCommand(embedded, {}, '/srv')).toBe(
      "TIDEMARK_DATA_PATH='/srv/data' tidemark user create NAME --superuser",
    );
    expect(firstAdministratorCommand(embedded, { npm_lifecycle_event: 'start' }, '/srv')).toBe(
      "TIDEMARK_DATA_PATH='/srv/data' npm run tidemark -- user create NAME --superuser",
    );
  });

  it('names the configuration that the process was given', () => {
    expect(firstAdministratorCommand(embedded, { TIDEMARK_CONFIG: "it's.yaml" }, '/srv')).toBe(
      "TIDEMARK_CONFIG='/srv/it'\\''s.yaml' TIDEMARK_DATA_PATH='/srv/data' tidemark user create NAME --superuser",
    );
    expect(firstAdministratorCommand(embedded, { TIDEMARK_CONFIG: '' }, '/srv')).not.toContain('CONFIG');
  });

  it('names no folder of a registry on engines', () => {
    expect(firstAdministratorCommand(engines, {}, '/srv')).toBe('tidemark user create NAME --superuser');
  });
});
