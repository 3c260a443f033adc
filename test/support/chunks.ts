/** A body that arrives in these chunks. */
// eslint-disable-next-line @typescript-eslint/require-await -- what is there already needs no waiting for
export async function* chunks(...given: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* given;
}
