/**
 * The direction of dependencies, as a failing check: inner rooms know nothing of outer ones
 * (docs/architecture.md, "The house"). Each entry lists what a room may not import.
 */
const forbidden = {
  domain: [
    'ports',
    'commands',
    'projections',
    'mail',
    'http',
    'workers',
    'adapters',
    'config',
    'telemetry',
    'composition',
    'cli',
  ],
  ports: [
    'commands',
    'projections',
    'mail',
    'http',
    'workers',
    'adapters',
    'config',
    'telemetry',
    'composition',
    'cli',
  ],
  mail: ['commands', 'projections', 'http', 'workers', 'adapters', 'config', 'telemetry', 'composition', 'cli'],
  commands: ['projections', 'http', 'workers', 'adapters', 'config', 'telemetry', 'composition', 'cli'],
  projections: ['commands', 'http', 'workers', 'adapters', 'config', 'telemetry', 'composition', 'cli'],
  http: ['workers', 'adapters', 'config', 'composition', 'cli'],
  workers: ['http', 'adapters', 'config', 'composition', 'cli'],
  adapters: ['projections', 'mail', 'http', 'workers', 'config', 'composition', 'cli'],
  config: ['ports', 'commands', 'projections', 'http', 'workers', 'adapters', 'telemetry', 'composition', 'cli'],
  telemetry: ['ports', 'commands', 'projections', 'http', 'workers', 'adapters', 'composition', 'cli'],
  composition: ['cli'],
};

const pure = ['node:fs', 'node:net', 'node:http', 'node:timers', 'node:worker_threads', 'node:child_process'];

export const houseRules = Object.entries(forbidden).map(([room, rooms]) => ({
  files: [`src/${room}/**/*.ts`],
  ignores: ['**/*.test.ts', '**/*ontract.ts'],
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
            {
              selector: "NewExpression[callee.name='Date'][arguments.length=0]",
              message: 'Time comes in with the command.',
            },
            {
              selector: "MemberExpression[object.name='Date'][property.name='now']",
              message: 'Time comes in with the command.',
            },
            {
              selector: "MemberExpression[object.name='Math'][property.name='random']",
              message: 'Randomness comes in with the command.',
            },
          ],
        }
      : {}),
  },
}));
