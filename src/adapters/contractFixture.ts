import { afterEach, beforeEach } from '@jest/globals';

/** A store as a contract suite gets it. The engine behind it may be shared and need not be empty. */
export type Opened<Store> = {
  readonly store: Store;
  /** Closes the store and opens what the engine holds again, as a restart of the process would. */
  readonly reopen: () => Promise<Store>;
  /** Closes the store and removes what the test left, where the engine allows that. */
  readonly close: () => Promise<void>;
};

/** Gives every test of the surrounding `describe` a store of its own. */
export function storePerTest<Store>(open: () => Promise<Opened<Store>>): {
  readonly store: () => Store;
  readonly reopen: () => Promise<Store>;
} {
  let opened: Opened<Store> | undefined;
  const current = (): Opened<Store> => {
    if (!opened) throw new Error('only a running test has a store');
    return opened;
  };
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(async () => {
    await current().close();
    opened = undefined;
  });
  return { store: () => current().store, reopen: () => current().reopen() };
}
