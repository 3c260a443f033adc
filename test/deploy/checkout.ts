import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A file of the checkout, while this module runs from `dist/test/deploy`. */
export const checkoutPath = (name: string): string =>
  fileURLToPath(new URL(`../../../${name}`, import.meta.url)).replace(/\/$/, '');

export const checkoutText = (name: string): string => readFileSync(checkoutPath(name), 'utf8');

type Package = {
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
};

// The file is our own.
export const packageJson = JSON.parse(checkoutText('package.json')) as Package;
