import { afterAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { connectMongo } from '../../src/adapters/mongodb/client.js';
import { StoreUnavailable } from '../../src/ports/errors.js';
import { freePort } from '../support/ports.js';
import { mongoEngine } from './mongodb.js';

const engine = await mongoEngine();

describe('a connection to MongoDB that fails', () => {
  if (!engine?.through) {
    it.skip('has no single server', () => undefined);
    return;
  }
  const { connection } = engine;
  const { host } = new URL(connection);

  it('names the replica set that no server belongs to', async () => {
    await expect(connectMongo(`mongodb://${host}/?replicaSet=elsewhere`)).rejects.toThrow(
      /^MongoDB is away: .*\(no server belongs to a replica set elsewhere\)$/,
    );
  });

  it('says of each server why it cannot be used, without user and password', async () => {
    const [one, other] = [await freePort(), await freePort()];
    const connecting = connectMongo(`mongodb://ada:s3cret@127.0.0.1:${one},127.0.0.1:${other}/?replicaSet=rs0`);
    const error: unknown = await connecting.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(String(error)).toContain(`connect ECONNREFUSED 127.0.0.1:${one}`);
    expect(String(error)).toContain(`connect ECONNREFUSED 127.0.0.1:${other}`);
    expect(String(error)).not.toMatch(/ada|s3cret/);
  });

  afterAll(() => engine.stop());
});
