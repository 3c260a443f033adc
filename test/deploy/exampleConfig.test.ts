import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/load.js';
import { preferredStorage } from '../../src/config/storageChecks.js';
import { checkoutPath, checkoutText } from './checkout.js';

const FILE = 'examples/config.engines.yaml';

describe(FILE, () => {
  it.each(['api', 'projector', 'relay', 'worker'])('is a whole configuration of the role %s', (role) => {
    const { config, warnings } = loadConfig(
      { TIDEMARK_CONFIG: FILE, TIDEMARK_ROLES: role, TIDEMARK_HTTP_PORT: '8081' },
      checkoutPath(''),
    );
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      ...{ ROLES: [role], HTTP_PORT: 8081, SERVER_HOSTNAME: 'localhost:8080' },
      ...{ EVENT_STORE: 'eventstoredb', READ_STORE: 'mongodb', EVENT_BUS: 'kafka' },
      ...{ KAFKA_BROKERS: ['localhost:9092'], KAFKA_TOPIC_PREFIX: 'tidemark', MONGODB_DATABASE: 'tidemark' },
    });
    expect(preferredStorage(config)).toMatchObject({
      driver: 'RadosGWStorage',
      parameters: { bucket_name: 'tidemark' },
    });
  });

  it('is what the documents tell people to start processes with', () => {
    expect(checkoutText('docs/operations.md').includes(FILE)).toBe(true);
  });
});
