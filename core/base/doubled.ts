type Column = Int16Array | Int32Array | Uint32Array | Float64Array;

/** A column with the same numbers and room for as many again. */
export function doubled<C extends Column>(column: C): C {
  const grown = new (column.constructor as new (length: number) => C)(column.length * 2);
  grown.set(column);
  return grown;
}
