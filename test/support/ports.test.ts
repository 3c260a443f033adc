import { describe, expect, it } from '@jest/globals';
import { freePort } from './ports.js';

/** Where Linux begins to lend ports to connections unless it is told otherwise; others begin above. */
const LENT_FROM = 32_768;

describe('ports for processes under test', () => {
  it('are given once, and are none that a connection can be lent while a process restarts', async () => {
    const ports = await Promise.all(Array.from({ length: 200 }, () => freePort()));
    expect(new Set(ports).size).toBe(200);
    expect(ports.filter((port) => port >= LENT_FROM)).toEqual([]);
  });
});
