import type { PreviewFrame } from '../../shared/contract/preview-frame';
import { animationPulse } from '../ui/animation-pulse';
import { createCanvas2dPainter } from './canvas-2d-painter';
import { isGraphicsEmulated } from './emulated-graphics';
import type { FramePainter } from './frame-painter';
import { createWebglPainter } from './webgl-painter';

/** Frames that arrive closer together than this come from a backlog: only the newest of them is painted. */
const backlogMs = 4;
const measureMs = 500;

export interface PreviewRate {
  fps: number;
  /** tick of the frame → painted, by the clocks of both sides; null when those cannot agree */
  latencyMs: number | null;
}

export interface PreviewPlayerListeners {
  /** The browser got round to show this frame: with a busy graphics process that is later than the painting. */
  shown(frameIndex: number): void;
  rate(rate: PreviewRate): void;
}

/**
 * Paints frames the moment they arrive: waiting for the next animation frame would cost up to one more frame of
 * delay. Everything here is outside React.
 */
export class PreviewPlayer {
  readonly #canvas: HTMLCanvasElement;
  readonly #listeners: PreviewPlayerListeners;
  readonly #painter: FramePainter | null;
  readonly #channel = new MessageChannel();
  #pending: PreviewFrame | null = null;
  #paintedAt = Number.NEGATIVE_INFINITY;
  #measuredAt = 0;
  #giveUpShown: () => void = () => undefined;
  #paintedFrames = 0;
  #latencySumMs = 0;

  constructor(canvas: HTMLCanvasElement, listeners: PreviewPlayerListeners) {
    this.#canvas = canvas;
    this.#listeners = listeners;
    this.#painter = createPainter(canvas);
    this.#channel.port1.onmessage = () => {
      this.#paintPending();
    };
  }

  get kind(): FramePainter['kind'] | 'none' {
    return this.#painter?.kind ?? 'none';
  }

  push(frame: PreviewFrame): void {
    const isScheduled = this.#pending !== null;
    this.#pending = frame;
    if (isScheduled) return;
    if (performance.now() - this.#paintedAt >= backlogMs) this.#paintPending();
    // Behind the messages that already wait; they replace the pending frame first.
    else this.#channel.port2.postMessage(null);
  }

  dispose(): void {
    this.#pending = null;
    this.#giveUpShown();
    this.#channel.port1.close();
    this.#painter?.dispose();
  }

  #paintPending(): void {
    const frame = this.#pending;
    this.#pending = null;
    if (!frame || !this.#painter) return;
    this.#painter.paint(frame);
    this.#paintedAt = performance.now();
    this.#canvas.dataset.frameIndex = String(frame.frameIndex);
    this.#giveUpShown();
    this.#giveUpShown = animationPulse.next(() => {
      this.#listeners.shown(frame.frameIndex);
    });
    this.#measure(frame);
  }

  #measure(frame: PreviewFrame): void {
    this.#paintedFrames++;
    this.#latencySumMs += performance.timeOrigin + this.#paintedAt - frame.tickUnixMs;
    const elapsedMs = this.#paintedAt - this.#measuredAt;
    if (elapsedMs < measureMs) return;
    const latencyMs = this.#latencySumMs / this.#paintedFrames;
    this.#listeners.rate({
      fps: this.#measuredAt === 0 ? 0 : (this.#paintedFrames * 1000) / elapsedMs,
      // A browser on another machine has another clock.
      latencyMs: latencyMs >= 0 && latencyMs < 10_000 ? latencyMs : null,
    });
    this.#measuredAt = this.#paintedAt;
    this.#paintedFrames = 0;
    this.#latencySumMs = 0;
  }
}

/** Emulated WebGL takes half as much processor time again as converting the picture there ourselves. */
const createPainter = (canvas: HTMLCanvasElement): FramePainter | null =>
  (isGraphicsEmulated() ? null : createWebglPainter(canvas)) ?? createCanvas2dPainter(canvas);

const leastWidth = 320;
const maxWidth = 1280;

/** The width to ask for, even: what the canvas really covers in device pixels. */
export function wantedPreviewWidth(cssWidth: number, pixelRatio: number, programWidth: number): number {
  const covered = Math.ceil((cssWidth * pixelRatio) / 2) * 2;
  return Math.max(leastWidth, Math.min(maxWidth, programWidth, covered));
}
