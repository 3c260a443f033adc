import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { descriptionPlan, gramsOf, namePlan } from './grams.js';

const named = (name: string, description = '') => ({ name, description });

describe('a name', () => {
  it.each([
    ['proxy', 'nginx-proxy'],
    ['x-p', 'nginx-proxy'],
    ['NGINX', 'nginx-proxy'],
    ['ng', 'nginx-proxy'],
    ['p', 'nginx-proxy'],
    ['proxy nginx', 'nginx-proxy'],
    ['pr nginx', 'nginx-proxy'],
    ['app/web', 'team/app/web'],
    ['', 'anything'],
  ])('is found by %j', (query, name) => {
    expect(namePlan(query).matches(named(name))).toBe(true);
  });

  it.each([
    ['ngixn', 'nginx-proxy'],
    ['gi', 'nginx-proxy'],
    ['proxy apache', 'nginx-proxy'],
  ])('is not found by %j', (query, name) => {
    expect(namePlan(query).matches(named(name))).toBe(false);
  });
});

describe('a description', () => {
  const text = 'Ein Server für das Öffnen: fast, Static-Files.';

  it.each(['server', 'SERV', 'öff', 'stat fil', 'öffnen server'])('is found by %j', (query) => {
    expect(descriptionPlan(query)?.matches(named('app', text))).toBe(true);
  });

  it.each(['erver', 'servers', 'fast slow'])('is not found by %j', (query) => {
    expect(descriptionPlan(query)?.matches(named('app', text))).toBe(false);
  });

  it.each(['', 'ab', 'a b', '--'])('is not looked for by %j', (query) => {
    expect(descriptionPlan(query)).toBeUndefined();
  });
});

it('whatever matches is found under each gram of the plan', () => {
  const letters = fc.constantFrom('a', 'b', '-', '/', '.', '1', ' ', '𝒂', 'ö');
  const text = fc.string({ unit: letters, maxLength: 12 });
  fc.assert(
    fc.property(text, text, text, (name, description, query) => {
      const grams = gramsOf(name, description);
      for (const plan of [namePlan(query), descriptionPlan(query)]) {
        if (plan?.matches({ name, description })) expect(grams).toEqual(expect.arrayContaining([...plan.grams]));
      }
    }),
    { seed: 20_260_821, numRuns: 20_000 },
  );
});

it('a long description has no more than a hundred', () => {
  const words = Array.from({ length: 5_000 }, (_, number) => (number * 131 + 1_296).toString(36));
  expect(gramsOf('a', words.join(' '))).toHaveLength(102);
});
