import type { MessagePort } from 'node:worker_threads';
import type { ArenaBlock, Layer, LiveRing } from '../interfaces/layer';
import type { Canvas } from './layer-stack';

/** How the compositor and its worker speak. Pixels never travel here, only where they lie. */
export interface CompositorWorkerData {
  readonly memory: WebAssembly.Memory;
  readonly kernels: WebAssembly.Module;
  readonly canvas: Canvas;
  readonly clock: 'real' | 'max';
  /** byte offset of the control block, see `controlWord` */
  readonly control: number;
  /** byte offset of each program frame */
  readonly frames: readonly number[];
  /** frames that may be out at a time: beyond that ticks go without a picture (real) or wait (max) */
  readonly maxInFlight: number;
  /** row sums of the preview scaler */
  readonly scratch: number;
  /** for what is made of pictures before they are drawn, and the kernels' scratch */
  readonly workspace: ArenaBlock;
  readonly commands: MessagePort;
}

/** How a draw list takes the place of the one before. */
export interface FadeCommand {
  /** rises with each fade */
  readonly id: number;
  /** program frames until only the new layers are seen, ≥ 1 */
  readonly frames: number;
  /** the layers that go, as they are now */
  readonly from: readonly Layer[];
}

/** Main → worker. Each is answered by `done` when a tick has been composed with it (at once while not ticking). */
export type CompositorCommand = { readonly id: number } & (
  | {
      readonly type: 'layers';
      readonly layers: readonly Layer[];
      readonly hiddenRings: readonly LiveRing[];
      readonly fade: FadeCommand | null;
    }
  | { readonly type: 'run'; readonly ticks: number }
  | { readonly type: 'preview'; readonly preview: PreviewTarget | null }
  | { readonly type: 'stop' }
);

export interface PreviewTarget {
  /** tells pictures of an earlier setting apart */
  readonly generation: number;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** byte offsets of the preview slots */
  readonly slots: readonly number[];
}

/** Worker → main. */
export type CompositorReport =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly ids: readonly number[] }
  /** only the new layers are seen now; what went is not read any more */
  | { readonly type: 'faded'; readonly id: number }
  | {
      readonly type: 'frame';
      readonly index: number;
      readonly tickUs: number;
      /** −1: no picture */
      readonly slot: number;
      readonly isLagged: boolean;
      readonly composeMs: number;
    }
  | {
      readonly type: 'preview';
      readonly generation: number;
      readonly index: number;
      readonly tickUs: number;
      readonly slot: number;
    };
