/**
 * The direction of dependencies, as a failing check: inner rooms know nothing of outer ones
 * (docs/architecture.md, "The house"). Each entry lists what a room may not import.
 */
const forbidden = {
  domain: ['commands', 'projections', 'http', 'workers', 'adapters', 'config', 'cli'],
  commands: ['projections', 'http', 'workers', 'adapters', 'config', 'cli'],
  projections: ['commands', 'http', 'workers', 'adapters', 'config', 'cli'],
  http: ['workers', 'adapters', 'cli'],
  workers: ['http', 'adapters', 'cli'],
  adapters: ['http', 'workers', 'config', 'cli'],
  config: ['commands', 'projections', 'http', 'workers', 'adapters', 'cli'],
};

const pure = ['node:fs', 'node:net', 'node:http', 'node:timers', 'node:worker_threads', 'node:child_process'];

export const houseRules = Object.entries(forbidden).map(([room, rooms]) => ({
  files: [`src/${room}/**/*.ts`],
  ignores: ['**/*.test.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: rooms.map((other) => ({
          regex: `^(\\.\\./)+${other}/`,
          message: `${room} must not know ${other}: dependencies point inwards.`,
        })),
        ...(room === 'domain' ? { paths: pure.map((name) => ({ name, message: 'The domain does no I/O.' })) } : {}),
      },
    ],
    ...(room === 'domain'
      ? {
          'no-restricted-syntax': [
            'error',
            { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time comes in with the command.' },
            { selector: "MemberExpression[object.name='Date'][property.name='now']", message: 'Time comes in with the command.' },
            { selector: "MemberExpression[object.name='Math'][property.name='random']", message: 'Randomness comes in with the command.' },
          ],
        }
      : {}),
  },
}));
