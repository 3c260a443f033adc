import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { freePort } from './ports.js';

const RANGE = '/proc/sys/net/ipv4/ip_local_port_range';
const lentFrom = existsSync(RANGE) ? Number.parseInt(readFileSync(RANGE, 'utf8'), 10) : 49_152;

describe('ports for processes under test', () => {
  it('are given once, and are none that a connection can be lent while a process restarts', async () => {
    const ports = await Promise.all(Array.from({ length: 200 }, () => freePort()));
    expect(new Set(ports).size).toBe(200);
    expect(ports.filter((port) => port >= lentFrom)).toEqual([]);
  });
});
