/**
 * What was submitted to a store and may not be durable yet. Where what is submitted behind it takes effect after it or not
 * at all, one need not wait for it first: `check` right before, and `durable` before anybody is told.
 */
export class Submitted {
  #failure: { readonly error: Error } | undefined;

  /** @param durable settles when it is known what became of it */
  constructor(readonly durable: Promise<void>) {
    durable.catch((error: unknown) => {
      this.#failure = { error: error instanceof Error ? error : new Error(String(error)) };
    });
  }

  /** To be called in the same turn as what is submitted behind it. @throws what it failed with, if that is known already */
  check(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
