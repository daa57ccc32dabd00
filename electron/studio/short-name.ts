/**
 * The beginning of a name that a file system takes: most count bytes and allow 255; Windows counts UTF-16 units.
 * @param maxBytes in UTF-8
 * @param maxUnits in UTF-16
 */
export function shortName(name: string, maxBytes: number, maxUnits = maxBytes): string {
  const isLong = (text: string): boolean => text.length > maxUnits || Buffer.byteLength(text) > maxBytes;
  // UTF-16 halves of one character go together: a lone one would come back as another name.
  let short = name;
  while (isLong(short)) short = short.slice(0, -1).replace(/[\uD800-\uDBFF]$/, '');
  return short;
}
