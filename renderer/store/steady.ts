/** Whether two pieces of state (plain data) say the same. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every(
      (name) =>
        Object.hasOwn(other, name) &&
        isSame((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]),
    )
  );
}

/** The same selector, which gives the very object that it gave before as long as it says the same. */
export function steady<State, Part>(select: (state: State) => Part): (state: State) => Part {
  let last: { readonly part: Part } | undefined;
  return (state) => {
    const part = select(state);
    if (!last || !isSame(last.part, part)) last = { part };
    return last.part;
  };
}
