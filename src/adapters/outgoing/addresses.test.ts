import { describe, expect, it } from '@jest/globals';
import { Destinations } from './addresses.js';

const anywhere = new Destinations([]);

describe('an address', () => {
  it.each([
    ...['127.0.0.1', '127.255.255.254', '0.0.0.0', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    ...['169.254.169.254', '100.64.0.1', '192.0.2.1', '198.51.100.7', '203.0.113.9', '198.18.0.1', '224.0.0.1'],
    ...['240.0.0.1', '255.255.255.255', '::1', '::', 'fe80::1', 'fc00::1', 'fd12:3456::1', 'ff02::1', '2001:db8::1'],
    ...['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::'],
  ])('%s is not connected to', (address) => {
    expect(anywhere.mayConnect(address)).toBe(false);
  });

  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.32.0.1',
    '172.15.255.255',
    '100.128.0.1',
    '2606:4700:4700::1111',
    '2a00:1450::1',
  ])('%s is connected to', (address) => {
    expect(anywhere.mayConnect(address)).toBe(true);
  });

  it('is connected to although it is not public, where the configuration says so', () => {
    const inside = new Destinations(['10.20.0.0/16', '192.168.7.7', 'fd00::/8', '127.0.0.1/33', 'no address/8']);
    expect(['10.20.30.40', '192.168.7.7', 'fd00::1'].map((address) => inside.mayConnect(address))).toEqual([
      ...[true, true, true],
    ]);
    expect(['10.21.0.1', '192.168.7.8', '::1', '127.0.0.1'].map((address) => inside.mayConnect(address))).toEqual([
      ...[false, false, false, false],
    ]);
  });
});

describe('a name', () => {
  it.each([
    ...['localhost', 'LOCALHOST', 'localhost.', 'app.localhost', 'metadata', 'metadata.google.internal'],
    ...['kubernetes.default.svc', 'registry.internal', 'printer.local', 'Printer.LOCAL.'],
  ])('%s is not even looked up', (name) => {
    expect(anywhere.mayResolve(name)).toBe(false);
  });

  it.each(['example.com', 'localhost.example.com', 'internal.example.com', 'my-metadata.example.com'])(
    '%s is looked up',
    (name) => {
      expect(anywhere.mayResolve(name)).toBe(true);
    },
  );

  it('is trusted where the configuration names it, whatever address it has', () => {
    const inside = new Destinations(['Issuer.internal']);
    expect(inside.mayResolve('issuer.internal')).toBe(true);
    expect(inside.isExempt('ISSUER.internal.')).toBe(true);
    expect(inside.isExempt('other.internal')).toBe(false);
    expect(inside.mayConnect('10.0.0.1')).toBe(false);
  });
});
