import { describe, expect, it } from '@jest/globals';
import type { RepositoryId } from '../domain/shared/ids.js';
import { timestamp } from '../domain/shared/time.js';
import { startOf, UploadIds, type UploadOwner } from './uploadIds.js';

const KEY = Buffer.alloc(32, 1);
const OWNER: UploadOwner = { repositoryId: 'repository' as RepositoryId, subject: 'user:ada' };
const NOW = Date.UTC(2026, 5, 18);

describe('ids of uploads', () => {
  it('are UUIDs of version 8 that tell when they were issued', () => {
    const id = new UploadIds(KEY).issue(OWNER, NOW);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(startOf(id)).toBe(timestamp(NOW));
  });

  it('are known in every process with the key, to their owner alone', () => {
    const id = new UploadIds(KEY).issue(OWNER, NOW);
    const other = new UploadIds(KEY);
    expect(other.begun(id, OWNER)).toBe(timestamp(NOW));
    expect(other.begun(id, { ...OWNER, subject: 'user:eve' })).toBeUndefined();
    expect(other.begun(id, { ...OWNER, repositoryId: 'another' as RepositoryId })).toBeUndefined();
    expect(new UploadIds(Buffer.alloc(32, 2)).begun(id, OWNER)).toBeUndefined();
  });

  it('are no two alike, though the clock stands still or runs back', () => {
    const ids = new UploadIds(KEY);
    const issued = Array.from({ length: 20_000 }, (_, number) => ids.issue(OWNER, NOW - (number % 3)));
    expect(new Set(issued).size).toBe(issued.length);
    expect(issued.every((id) => ids.begun(id, OWNER) !== undefined)).toBe(true);
  });

  it('are no two alike in two processes, though they are issued to one owner at the same time', () => {
    const processes = Array.from({ length: 20 }, () => new UploadIds(KEY));
    const issued = processes.flatMap((ids) => Array.from({ length: 500 }, () => ids.issue(OWNER, NOW)));
    expect(new Set(issued).size).toBe(issued.length);
  });
});
