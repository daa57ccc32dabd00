import { readFile } from 'node:fs/promises';
import { paths } from '../lib/paths';

/** The exports of `kernels/index.ts`. All offsets, sizes and strides are bytes; planes must not overlap. */
export interface Kernels {
  copyRect(
    dst: number,
    dstStride: number,
    src: number,
    srcStride: number,
    width: number,
    height: number,
  ): void;
  fillRect(dst: number, stride: number, width: number, height: number, value: number): void;
  mixFillRect(
    dst: number,
    stride: number,
    width: number,
    height: number,
    value: number,
    opacity: number,
  ): void;
  mixRect(
    dst: number,
    dstStride: number,
    src: number,
    srcStride: number,
    width: number,
    height: number,
    opacity: number,
  ): void;
  mixPictures(dst: number, from: number, to: number, length: number, share: number): void;
  blendRect(
    dst: number,
    dstStride: number,
    src: number,
    alpha: number,
    srcStride: number,
    width: number,
    height: number,
    opacity: number,
  ): void;
  rgbaToI420(
    src: number,
    width: number,
    height: number,
    y: number,
    u: number,
    v: number,
    alpha: number,
    chromaAlpha: number,
  ): void;
  i420ToRgba(dst: number, y: number, u: number, v: number, width: number, height: number): void;
  downscalePlane(
    dst: number,
    dstWidth: number,
    dstHeight: number,
    src: number,
    srcWidth: number,
    srcHeight: number,
    scratch: number,
  ): void;
  /** each side that is smaller in the target is halved */
  halvePlane(
    dst: number,
    dstWidth: number,
    dstHeight: number,
    src: number,
    width: number,
    height: number,
  ): void;
  /** the same for colour planes of a picture with transparency */
  halveWeighted(
    dst: number,
    dstWidth: number,
    dstHeight: number,
    src: number,
    alpha: number,
    width: number,
    height: number,
  ): void;
  /** half-size alpha by distance from a colour; `ownAlpha` 0: opaque */
  keyChroma(
    dst: number,
    u: number,
    v: number,
    ownAlpha: number,
    count: number,
    keyU: number,
    keyV: number,
    from: number,
    to: number,
  ): void;
  /** full-size alpha to it */
  keyLuma(dst: number, keyed: number, ownAlpha: number, width: number, height: number): void;
  /** see `kernels/sample.ts` */
  sampleRect(
    dst: number,
    dstStride: number,
    left: number,
    top: number,
    width: number,
    height: number,
    src: number,
    alpha: number,
    srcWidth: number,
    srcHeight: number,
    u0: number,
    ux: number,
    uy: number,
    v0: number,
    vx: number,
    vy: number,
    fromU: number,
    toU: number,
    fromV: number,
    toV: number,
    inset: number,
    scaleU: number,
    scaleV: number,
    opacity: number,
    scratch: number,
  ): void;
  sampleScratchBytes(): number;
}

/** Read and compile once; a compiled module may be posted to workers. */
export async function compileKernels(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(paths.kernels));
}

/** Instantiate over the shared memory, in any thread: the code has no state of its own there. */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const instance = new WebAssembly.Instance(module, {
    env: {
      memory,
      abort: (_message: number, _file: number, line: number, column: number) => {
        throw new Error(`kernel aborted at ${line}:${column}`);
      },
    },
  });
  return instance.exports as unknown as Kernels;
}
