import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { clientAddresses } from './clientAddress.js';

const request = (forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress: '10.0.0.1' },
    headers: { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

describe('the address of a client', () => {
  it.each([
    ['its own, where nothing was forwarded', undefined, '10.0.0.1'],
    ['the first hop', '192.0.2.7, 10.0.0.9', '192.0.2.7'],
    ['of version 6, too', '2001:db8::7', '2001:db8::7'],
    ['its own, where no address was forwarded', 'ada', '10.0.0.1'],
    ['its own, where nothing stands', '', '10.0.0.1'],
    ['its own, where a zone was forwarded', `fe80::1%${'x'.repeat(10_000)}`, '10.0.0.1'],
    ['its own, where the header is full of something else', 'ü'.repeat(10_000), '10.0.0.1'],
  ])('is %s', (_what, forwarded, address) => {
    expect(clientAddresses(undefined)(request(forwarded))).toBe(address);
  });

  it('is the nearest that no trusted proxy bears', () => {
    const addressOf = clientAddresses(['10.0.0.0/8']);
    expect(addressOf(request('203.0.113.9, 192.0.2.7, 10.0.0.9'))).toBe('192.0.2.7');
    expect(addressOf(request('203.0.113.9, ada, 10.0.0.9'))).toBe('10.0.0.1');
  });

  it('is the peer that is no trusted proxy, whatever it says', () => {
    expect(clientAddresses([])(request('192.0.2.7'))).toBe('10.0.0.1');
  });
});
