import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { EMPTY_LAYER, EMPTY_LAYER_SIZE, emptyLayerBytes } from './layers.js';

describe('the shared empty layer', () => {
  it('has the bytes of its digest: an empty tar, gzipped', () => {
    const bytes = emptyLayerBytes();
    expect(bytes).toHaveLength(EMPTY_LAYER_SIZE);
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(EMPTY_LAYER);
    expect(gunzipSync(bytes).every((byte) => byte === 0)).toBe(true);
  });
});
