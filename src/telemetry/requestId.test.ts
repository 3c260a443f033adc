import { expect, it } from '@jest/globals';
import { requestIds } from './requestId.js';

it('gives ids that differ within a process and between processes', () => {
  const one = requestIds();
  const other = requestIds();
  const ids = Array.from({ length: 1000 }, () => [one(), other()]).flat();
  expect(new Set(ids).size).toBe(2000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{12}-[0-9a-z]+$/);
});
