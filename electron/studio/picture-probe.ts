import type { ProgramFrame } from '../streaming/interfaces/frame';

/** BT.709 limited range: 16 is black; what is not above this no screen shows */
const blackLuma = 24;
const points = 4096;

/** Looks at single frames of the program on request, on their way to the encoder. */
export class PictureProbe {
  #waiting: ((isBlack: boolean | null) => void) | null = null;

  /** Every frame comes by here; it is read only when somebody asked. */
  pass(frame: ProgramFrame, { width, height }: { readonly width: number; readonly height: number }): void {
    if (!this.#waiting || !frame.data) return;
    this.#answer(isBlack(frame.data.subarray(0, width * height)));
  }

  /** Of the next frame. @returns null when none came in time */
  isNextBlack(patienceMs = 500): Promise<boolean | null> {
    this.#answer(null);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answer(null), patienceMs);
      this.#waiting = (verdict) => {
        clearTimeout(timer);
        resolve(verdict);
      };
    });
  }

  #answer(verdict: boolean | null): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.(verdict);
  }
}

/** @param luma the Y plane; looked at in points spread evenly over it */
export function isBlack(luma: Uint8Array): boolean {
  // An odd step, so that the points do not lie in one column.
  const step = Math.max(1, Math.floor(luma.length / points)) | 1;
  for (let at = 0; at < luma.length; at += step) if ((luma[at] ?? 0) > blackLuma) return false;
  return true;
}
