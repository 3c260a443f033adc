import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { administer, whereabouts } from '../../composition/offline.js';
import { createOutput } from '../output.js';
import { Refused } from '../refused.js';
import { settings } from '../settings.js';

type CreateOptions = {
  readonly superuser?: true;
  readonly email?: string;
  readonly passwordStdin?: true;
  readonly json?: true;
};

/** Accounts; works beside a running registry and without one. */
export const userCommands = (): Command =>
  new Command('user')
    .description('accounts')
    .addCommand(
      new Command('create')
        .description('make an account with a namespace of its own')
        .argument('<name>', 'lower-case letters and digits, with . _ - between them')
        .option('--superuser', 'may administer the registry')
        .option('--email <address>', 'address to reach the person at')
        .option('--password-stdin', 'read the password from the standard input; otherwise one is made and shown once')
        .option('--json', 'answer as JSON')
        .action(create),
    );

async function create(name: string, options: CreateOptions): Promise<void> {
  const given = options.passwordStdin ? await readLine() : undefined;
  if (given !== undefined && !/^\S{8,}$/.test(given)) {
    throw new Refused('the password must have at least 8 characters and no blanks');
  }
  const password = given ?? randomBytes(15).toString('base64url');
  const user = { name, email: options.email ?? null, password, superuser: options.superuser === true };
  const config = settings();
  const { accountId } = await administer(config, (administration) => administration.createUser(user));
  const output = createOutput({ json: options.json === true });
  output.note(`made in the registry ${await whereabouts(config)}`);
  output.fields({
    name,
    id: accountId,
    ...(given === undefined ? { password } : {}),
  });
}

async function readLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) return line;
  throw new Refused('no password came from the standard input');
}
