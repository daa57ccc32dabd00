import type { WireError } from '../../shared/contract/errors';
import type { CaptureContent, CaptureTarget } from './capture-link';

/** The window → the worker of one capture. */
export type ToCaptureWorker =
  | {
      readonly type: 'start';
      readonly target: CaptureTarget;
      readonly content: CaptureContent;
      /** pictures larger than this are made smaller */
      readonly most: { width: number; height: number };
      /** null: no pictures, or they come one by one as `frame` */
      readonly frames: ReadableStream<VideoFrame> | null;
      /** null: no sound, or it comes by way of `sound` */
      readonly blocks: ReadableStream<AudioData> | null;
      /** blocks of sound from the AudioWorklet, where a browser gives none to workers */
      readonly sound: MessagePort | null;
    }
  | { readonly type: 'frame'; readonly frame: VideoFrame }
  | { readonly type: 'end'; readonly reason: string };

/** What arrives of it, measured over a second. */
export interface CaptureFigures {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

/** The worker → the window. */
export type FromCaptureWorker =
  | { readonly type: 'connected'; readonly isConnected: boolean }
  | { readonly type: 'figures'; readonly figures: CaptureFigures }
  /** nothing is sent any more */
  | { readonly type: 'refused'; readonly error: WireError }
  | { readonly type: 'failed'; readonly reason: string }
  /** after `end`: everything is let go */
  | { readonly type: 'ended' };
