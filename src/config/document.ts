import { argv, stdout } from 'node:process';
import type { Key } from './key.js';
import { isConfigKey, sections } from './schema.js';
import { dependentDefaults } from './settle.js';

/**
 * The reference of all keys, made from their declarations. As a program it prints the reference:
 * `npm run docs:config` writes it to `docs/configuration.md`.
 */

const INTRODUCTION = `# Configuration

Generated from the declarations in \`src/config/keys/\` by \`npm run docs:config\`; do not edit.

No file is needed: every key has a default, and the registry starts on its embedded engines. A \`config.yaml\` of Quay is
understood as it is.

Where a value comes from, from the weakest to the strongest:

1. the default,
2. \`config.yaml\`: the path in \`TIDEMARK_CONFIG\` (a file or its folder), else \`./config/config.yaml\`, else \`./config.yaml\`;
   certificates (\`ssl.cert\`, \`ssl.key\`, …) lie beside it,
3. \`QUAY_OVERRIDE_CONFIG\`: a JSON mapping of keys,
4. \`QUAY_DISTRIBUTED_STORAGE_PREFERENCE\`: ids separated by blanks,
5. \`TIDEMARK_<KEY>\` for any key: plain text for text, numbers, switches (\`true\` or \`false\`), durations and sizes; words
   separated by commas or a JSON list for lists; JSON for everything else. An empty variable counts as absent.

\`KAFKA_BROKERS\` and \`ROLES\` may be such words in the file, too: \`KAFKA_BROKERS: one:9092,two:9092\`.

\`null\` means absent, except where it is named below as a value. Unknown keys are warned about, lower-case ones ignored.
A value that cannot be used stops the start, and every such value is named at once. Text that stands for a switch in the
file is on if it is \`true\` in any case, else off; integers may stand in quotes. Relative paths are relative to where the
server is started.

A **duration** is an integer and a unit: \`s\`, \`m\` (minutes), \`h\`, \`d\`, \`w\`, \`y\` (365 days). A **size** is an integer and
a unit: \`B\`, \`K\`, \`M\`, \`G\`, \`T\`, in powers of 1024. Keys marked – in the column "Used" are known and checked, but have no
effect in this version; a warning at the start names those that were given.

Further keys: \`<NAME>_LOGIN_CONFIG\` is a provider of sign-ins by OpenID Connect (\`OIDC_SERVER\`, \`CLIENT_ID\`,
\`CLIENT_SECRET\`, …), and every \`FEATURE_<NAME>\` is a switch, also one that is not listed.
`;

const BLOBS = `## Where blobs lie

In the first place of \`DISTRIBUTED_STORAGE_PREFERENCE\`; others are known and not used. Further parameters of Quay's drivers
are understood and change nothing.

- \`LocalStorage\`: \`storage_path\`, a folder; with \`EVENT_STORE: eventstoredb\` one that all processes have, such as a volume or
  NFS (version 4, mounted \`hard\` and \`lookupcache=positive\`).
- \`S3Storage\`: \`s3_bucket\`, \`storage_path\` (what names begin with); \`s3_access_key\` and \`s3_secret_key\`
  (\`aws_session_token\`), else what the environment of the process gives; \`s3_region\` for Amazon's own, or \`endpoint_url\`,
  or \`host\` and \`port\`, for another server: a region replaces those. Objects are written with \`AES256\` encryption by the
  server.
- \`RadosGWStorage\`, \`RHOCSStorage\`: \`hostname\`, \`port\`, \`is_secure\`, \`access_key\`, \`secret_key\`, \`bucket_name\`,
  \`storage_path\`, \`region_name\`; any server that speaks S3. \`server_side_assembly: false\` for one that does not copy.
- \`GoogleCloudStorage\`: \`bucket_name\`, \`storage_path\`; \`service_account_file\`, or \`access_key\` (the e-mail address of a
  service account) and \`secret_key\` (its private key, PEM), else what the environment gives; HMAC keys do not serve.
  \`endpoint_url\` for another endpoint; without an account nobody is named there. \`boto_timeout\`: silence (s).

Who asks for a blob in an object store, and may have it, is sent there (\`307\`) with an address that is good for ten
minutes; small ones (\`STORAGE_REDIRECT_LARGER_THAN\`) the registry serves itself. So clients must reach the store under the
address that the registry itself uses. Give it a host name, and another one than the registry's: some clients follow to no
private IP address, and each sends its credentials to the host that it knows. Where clients do not reach the store,
\`FEATURE_PROXY_STORAGE: true\` streams all blobs through the registry. Answers of the store carry no
\`Docker-Content-Digest\`; the redirect does. On Google's, addresses are signed with the key of the account; without one
Google is asked to sign each time, which needs \`iam.serviceAccounts.signBlob\`. Whether signing works is proved at the start.
There is no separate address for clients, and content networks (\`CloudFrontedS3Storage\` and its like) are not served.

\`minimum_chunk_size_mb\` (5 at least) is what an upload holds in memory; three more are shared by all uploads, and blobs of
more than 9 GiB take twice as much. An S3 server must honour
\`If-Match\` and \`If-None-Match\` on writes; that, and the rights to list, read, write and remove, is proved at the start.
Certificates in \`extra_ca_certs/\` are trusted. A rule of the bucket that ends multipart uploads after a day does no harm;
one that removes objects does. In Google's, turn soft deletion off: the pieces of uploads would be kept and charged for.
`;

const COLUMNS = ['Key', 'Type', 'Default', 'Used', 'Meaning'] as const;

const cell = (text: string): string => text.replaceAll('|', '\\|');

function defaultOf(name: string, key: Key<unknown>): string {
  const dependent = isConfigKey(name) ? dependentDefaults[name] : undefined;
  if (dependent !== undefined) return dependent;
  if (key.fallback === undefined) return '–';
  return `\`${typeof key.fallback === 'string' ? key.fallback : JSON.stringify(key.fallback)}\``;
}

const rowOf = ([name, key]: readonly [string, Key<unknown>]): readonly string[] => [
  `\`${name}\``,
  cell(key.type.secret ? `${key.type.name} (secret)` : key.type.name),
  cell(defaultOf(name, key)),
  key.effect === 'used' ? 'yes' : '–',
  cell(key.about),
];

/** A table with aligned columns, as the formatter of this repository writes them. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = COLUMNS.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(COLUMNS), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

export function configurationReference(): string {
  const parts = sections.map(({ title, keys }) => `## ${title}\n\n${table(Object.entries(keys).map(rowOf))}\n`);
  return [INTRODUCTION, ...parts, BLOBS].join('\n');
}

if (argv[1] === import.meta.filename) stdout.write(configurationReference());
