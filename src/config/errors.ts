/** The configuration cannot be used; every problem is one line that names the key, what was given and what is allowed. */
export class ConfigInvalid extends Error {
  constructor(
    readonly problems: readonly string[],
    /** What else was noticed: a mistyped key often explains a missing one. */
    readonly warnings: readonly string[] = [],
  ) {
    super(`the configuration is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigInvalid';
  }
}
