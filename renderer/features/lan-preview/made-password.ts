/** without what is mistaken for something else on a phone: 0 o 1 l i */
const letters = '23456789abcdefghjkmnpqrstuvwxyz';
const [groups, groupLength] = [3, 4];

/**
 * A password for viewers to type: `k7fm-2qxt-9hre`, 59 bits.
 * @param random bytes, as many as asked for
 */
export function makePassword(
  random: (count: number) => Uint8Array = (count) => crypto.getRandomValues(new Uint8Array(count)),
): string {
  const found: string[] = [];
  while (found.length < groups * groupLength) {
    for (const byte of random(groups * groupLength)) {
      // Every letter as often as the others: the rest of 256 is left out.
      if (byte < letters.length * Math.floor(256 / letters.length))
        found.push(letters.charAt(byte % letters.length));
    }
  }
  return Array.from({ length: groups }, (_, at) =>
    found.slice(at * groupLength, (at + 1) * groupLength).join(''),
  ).join('-');
}
