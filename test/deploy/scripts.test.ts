import { describe, expect, it } from '@jest/globals';
import { packageJson } from './checkout.js';

const BUILDS = 'npm run --silent build && ';
const scripts = Object.entries(packageJson.scripts).filter(([, script]) => script.includes('node dist/'));

describe('the scripts of npm', () => {
  it('run the registry and its command line', () => {
    expect(scripts.map(([name]) => name)).toEqual(expect.arrayContaining(['start', 'tidemark']));
  });

  it.each(scripts)('run what the sources say now, not an old build: %s', (_name, script) => {
    expect(script.slice(0, BUILDS.length)).toBe(BUILDS);
  });
});
