export type Rgba = readonly [red: number, green: number, blue: number, alpha: number];

/** `#rrggbb` or `#rrggbbaa` → four bytes; the schema has checked the form. */
export function parseColor(color: string): Rgba {
  const byte = (index: number): number => Number.parseInt(color.slice(1 + index * 2, 3 + index * 2), 16);
  return [byte(0), byte(1), byte(2), color.length > 7 ? byte(3) : 255];
}
