/**
 * The public façade, as in the original document: a composition emits frames, the pipeline processes them, the encoder
 * streams them, the server takes them in. The studio itself uses the parts behind it directly.
 */
export { Composition } from './facade/composition';
export type { CompositionOptions } from './facade/composition';
export { FramePipeline } from './composition/frame-pipeline';
export type { FramePipelineOptions } from './composition/frame-pipeline';
export { StreamEncoder } from './facade/stream-encoder';
export type { StreamEncoderOptions } from './facade/stream-encoder';
export { RTMPServer } from './facade/rtmp-server';
export type { RTMPServerOptions } from './facade/rtmp-server';
export { StudioError } from './lib/errors';
