/**
 * The per-pixel work on I420 planes, compiled by AssemblyScript to WebAssembly with SIMD over the one shared memory.
 * Every function takes byte offsets into that memory and allocates nothing, so any thread may run any of them.
 * No `@inline`: it is not TypeScript, and the optimiser inlines these small functions by itself.
 */
export { blendRect, copyRect, fillRect, mixFillRect, mixPictures, mixRect } from './rects';
export { i420ToRgba, rgbaToI420 } from './color';
export { downscalePlane } from './downscale';
export { halvePlane, halveWeighted } from './shrink';
export { keyChroma, keyLuma } from './key';
export { sampleRect, sampleScratchBytes } from './sample';
