/**
 * Pictures a second, as a number. Two kinds exist: whole thousandths (25, 60, 12.5), and the rates of NTSC, which are a
 * whole number × 1000/1001 (SMPTE ST 12-1 §5; "29.97" is short for 30000/1001). Whoever reckons with the short form is 108 ms
 * off after 30 hours, so that it is made exact wherever a rate comes in.
 */

/** `23.97` and `59.94` are meant by whoever says them; FFmpeg prints two digits. The next other rate is farther away. */
const ntscReach = 0.0065;

/** The N of N × 1000/1001; null: it is no rate of NTSC. */
function ntscOf(fps: number): number | null {
  if (Number.isInteger(fps)) return null;
  const whole = Math.round((fps * 1001) / 1000);
  return Math.abs(fps - (whole * 1000) / 1001) <= ntscReach ? whole : null;
}

/** The rate that is meant by a number which may have been rounded: 29.97 → 30000/1001; others to thousandths. */
export function exactRate(fps: number): number {
  const ntsc = ntscOf(fps);
  return ntsc === null ? Math.round(fps * 1000) / 1000 : (ntsc * 1000) / 1001;
}

/** Exactly `num` / `den`, both whole: the time base of this rate's frames is `den` / `num` seconds. */
export function rateFraction(fps: number): { readonly num: number; readonly den: number } {
  if (Number.isInteger(fps)) return { num: fps, den: 1 };
  const ntsc = ntscOf(fps);
  return ntsc === null ? { num: Math.round(fps * 1000), den: 1000 } : { num: ntsc * 1000, den: 1001 };
}

/** As FFmpeg is told: `60`, `30000/1001`, `12500/1000`. */
export function rateText(fps: number): string {
  const { num, den } = rateFraction(fps);
  return den === 1 ? String(num) : `${num}/${den}`;
}

/** As people say it: `60`, `29.97`, `23.976`. */
export const formatRate = (fps: number): string => String(Math.round(fps * 1000) / 1000);

/** What a person or a program wrote: `60`, `29.97`, `30000/1001`. @returns the exact rate; null: it is none */
export function parseRate(text: string): number | null {
  const [, num, den] = /^\s*(\d+(?:\.\d+)?)\s*(?:\/\s*(\d+)\s*)?$/.exec(text) ?? [];
  const fps = Number(num) / Number(den ?? 1);
  return Number.isFinite(fps) && fps > 0 ? exactRate(fps) : null;
}
