import { describe, expect, it } from '@jest/globals';
import { LogClient, nodesOf } from './logClient.js';

describe('the connection string of EventStoreDB', () => {
  it.each([
    'esdb://localhost',
    'esdb://admin:changeit@localhost:2113?tls=false',
    'esdb://one:2113,two:2113,three:2113?tls=true&nodePreference=leader',
    'esdb+discover://admin:changeit@cluster.example:2113?connectionName=tidemark&keepAliveInterval=20000',
  ])('may be %s', async (connection) => {
    await LogClient.open(connection).close();
  });

  it.each([
    ['http://admin:changeit@localhost:2113', /is not of the form esdb:/],
    ['esdb://admin:changeit@', /is not of the form esdb:/],
    ['esdb://admin:changeit@localhost:port', /is not of the form esdb:/],
    ['esdb://admin:changeit@localhost?tls=perhaps', /is not of the form esdb:/],
    ['esdb://admin:changeit@localhost?tlsVerifyCert=false', /unknown or does nothing: tlsVerifyCert$/],
    [
      'esdb://admin:changeit@localhost?tls=true&tlsCAFile=/nowhere/ca.pem',
      /tlsCAFile cannot be read: \/nowhere\/ca.pem$/,
    ],
    ['esdb://admin:changeit@localhost?userCertFile=/nowhere/cert.pem', /userCertFile and userKeyFile together$/],
  ])('is refused in one line without its password: %s', (connection, reason) => {
    const opening = (): unknown => LogClient.open(connection);
    expect(opening).toThrow(reason);
    expect(opening).not.toThrow(/changeit/);
    expect(opening).toThrow(/^[^\n]+$/);
  });

  it.each([
    ['esdb://admin:s3cret%40@one:2113,two?tls=false', ['one:2113', 'two:2113']],
    ['esdb+discover://admin:changeit@cluster.example', ['cluster.example:2113']],
  ])('names its nodes without user and password: %s', (connection, nodes) => {
    expect(nodesOf(connection)).toEqual(nodes);
  });
});
