import type { WireError } from '../../../shared/contract/errors';
import type { Planes, TileJob } from '../interfaces/layer';

/** How the Sharp pool and its workers speak. A worker has one job at a time. */
export interface SharpWorkerData {
  /** absent when the pool only converts frames */
  readonly tiles: {
    readonly memory: WebAssembly.Memory;
    readonly kernels: WebAssembly.Module;
    /** a block of this worker's own, through which RGBA reaches the kernel in strips */
    readonly staging: number;
    readonly stagingBytes: number;
  } | null;
}

export type FrameFormat = 'raw' | 'jpeg' | 'png' | 'webp';

/** Convert one picture: raw RGBA of `raw` size, or an encoded image. */
export interface FrameJob {
  readonly input: Uint8Array;
  readonly raw: { readonly width: number; readonly height: number } | null;
  readonly width: number;
  readonly height: number;
  readonly format: FrameFormat;
  /** 1…100 */
  readonly quality: number;
  /** where raw RGBA goes; encoded results travel by transfer */
  readonly output: SharedArrayBuffer | null;
}

export type SharpJob =
  { readonly type: 'tile'; readonly job: TileJob } | { readonly type: 'frame'; readonly job: FrameJob };

/** Main → worker. `store` answers `sized`: where the tile goes, or null: forget it. */
export type SharpRequest =
  | (SharpJob & { readonly id: number })
  | {
      readonly type: 'store';
      readonly id: number;
      readonly planes: Planes | null;
    };

/** What a drawn tile needs. */
export interface TileSize {
  readonly width: number;
  readonly height: number;
  readonly naturalWidth: number;
  readonly naturalHeight: number;
  readonly ownWidth: number;
  readonly ownHeight: number;
  readonly hasAlpha: boolean;
  readonly isFontMissing: boolean;
}

/** Worker → main. */
export type SharpReport =
  | { readonly type: 'ready' }
  | ({ readonly type: 'sized'; readonly id: number } & TileSize)
  | { readonly type: 'done'; readonly id: number; readonly data: Uint8Array | null }
  | { readonly type: 'failed'; readonly id: number; readonly error: WireError };
