import { meterFloorDb, meterPosition, nextReading, silentReading } from '../../stage/meter-ballistics';
import type { MeterReading } from '../../stage/meter-ballistics';

/** dBFS per channel */
export interface Level {
  readonly peakDb: readonly number[];
  readonly rmsDb: readonly number[];
  /** where it is measured (an input before its fader, the program before the limiter) it reached full scale */
  readonly isClipping: boolean;
}

export interface MeterElements {
  readonly canvas: HTMLCanvasElement;
  /** carries the value for screen readers */
  readonly meter: HTMLElement;
  /** `data-clipping` while full scale was reached a moment ago */
  readonly lamp: HTMLElement | null;
}

/** Peak bright enough to see, RMS brighter: what is loud to an ear. What is dark lets the theme's ground through. */
const zones = [
  { fromDb: -120, toDb: -20, rms: '#52d6a4', peak: '#2b8a68', off: '#52d6a433' },
  { fromDb: -20, toDb: -9, rms: '#f2b53c', peak: '#9c7526', off: '#f2b53c33' },
  { fromDb: -9, toDb: 0, rms: '#f4503f', peak: '#a3362b', off: '#f4503f33' },
] as const;
const clipHoldMs = 3000;
const sayEveryMs = 500;

/** One meter on a canvas: two bars from the left, RMS before peak, with the highest peak held. */
export class MeterView {
  readonly #elements: MeterElements;
  readonly #context: CanvasRenderingContext2D | null;
  #peaks: MeterReading[] = [silentReading, silentReading];
  #means: MeterReading[] = [silentReading, silentReading];
  #level: Level = { peakDb: [], rmsDb: [], isClipping: false };
  #fedAt = -Infinity;
  #clippedAt = -Infinity;
  #saidAt = 0;

  constructor(elements: MeterElements) {
    this.#elements = elements;
    this.#context = elements.canvas.getContext('2d');
  }

  feed(level: Level, now: number): void {
    this.#level = level;
    this.#fedAt = now;
    if (!level.isClipping) return;
    this.#clippedAt = now;
    this.#elements.lamp?.setAttribute('data-clipping', '');
  }

  /** @returns whether anything still moves */
  step(now: number, elapsedMs: number): boolean {
    // Without news for half a second (connection lost, source gone) the bars fall instead of standing.
    const isFresh = now - this.#fedAt < 500;
    const next = (before: readonly MeterReading[], levels: readonly number[]): MeterReading[] =>
      before.map((reading, channel) =>
        nextReading(reading, isFresh ? (levels[channel] ?? -120) : -120, now, elapsedMs),
      );
    this.#peaks = next(this.#peaks, this.#level.peakDb);
    this.#means = next(this.#means, this.#level.rmsDb);
    const isClipping = now - this.#clippedAt < clipHoldMs;
    if (!isClipping) this.#elements.lamp?.removeAttribute('data-clipping');
    this.draw();
    if (now - this.#saidAt > sayEveryMs) {
      this.#saidAt = now;
      this.#say(isClipping);
    }
    return isClipping || this.#peaks.some(({ holdDb }) => holdDb > meterFloorDb);
  }

  resize(): void {
    const { canvas } = this.#elements;
    canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
    canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
    this.draw();
  }

  draw(): void {
    const { canvas } = this.#elements;
    const context = this.#context;
    if (!context) return;
    const { width, height } = canvas;
    context.clearRect(0, 0, width, height);
    const gap = Math.max(1, Math.round(devicePixelRatio));
    const bar = (height - gap) / 2;
    const xOf = (db: number): number => Math.round(meterPosition(db) * width);
    for (const channel of [0, 1]) {
      const y = channel * (bar + gap);
      const { levelDb, holdDb } = this.#peaks[channel] ?? silentReading;
      const meanDb = Math.min(levelDb, (this.#means[channel] ?? silentReading).levelDb);
      for (const zone of zones) {
        const [start, end] = [xOf(zone.fromDb), xOf(zone.toDb)];
        const within = (db: number): number => Math.min(end, Math.max(start, xOf(db)));
        const [mean, peak] = [within(meanDb), within(levelDb)];
        for (const [color, from, to] of [
          [zone.rms, start, mean],
          [zone.peak, mean, peak],
          [zone.off, peak, end],
        ] as const) {
          context.fillStyle = color;
          context.fillRect(from, y, to - from, bar);
        }
      }
      if (holdDb > meterFloorDb) {
        // The canvas’ text colour, which stands out in either theme.
        context.fillStyle = getComputedStyle(context.canvas).color;
        const thickness = Math.max(1, Math.round(devicePixelRatio * 1.5));
        context.fillRect(Math.min(width - thickness, xOf(holdDb)), y, thickness, bar);
      }
    }
  }

  #say(isClipping: boolean): void {
    const loudest = Math.max(...this.#peaks.map(({ levelDb }) => levelDb), meterFloorDb);
    const { meter } = this.#elements;
    meter.setAttribute('aria-valuenow', String(Math.min(0, Math.round(loudest))));
    const text = loudest <= meterFloorDb ? 'silent' : `${loudest.toFixed(0)} dB full scale`;
    meter.setAttribute('aria-valuetext', isClipping ? `${text}, clipping` : text);
  }
}
