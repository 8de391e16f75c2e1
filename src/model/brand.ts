declare const brand: unique symbol;

/**
 * A primitive that the compiler keeps apart from others of the same shape: a broker's id can't be passed where
 * a partition's index is wanted. Costs nothing at run time.
 */
export type Brand<Primitive, Name extends string> = Primitive & { readonly [brand]: Name };
