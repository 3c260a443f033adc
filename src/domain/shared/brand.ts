declare const brand: unique symbol;

/** A `T` that only its own parser can make: parse once at the edge, trust the type afterwards. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
