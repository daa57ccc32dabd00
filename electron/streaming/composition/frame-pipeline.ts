import { availableParallelism } from 'node:os';
import { BaseComponent } from '../lib/component';
import { StudioError } from '../lib/errors';
import { createLogger } from '../lib/logger';
import type { Logger } from '../lib/logger';
import { SharpPool } from './sharp-pool';
import type { FrameFormat, FrameJob } from './sharp-protocol';

export interface FramePipelineOptions {
  /** frames that may be on their way at a time; more are refused */
  readonly maxQueueSize?: number;
  /** raw result buffers kept for re-use */
  readonly poolSize?: number;
  /** 1…100: of JPEG and WebP; below 70 scaling is bilinear instead of Lanczos */
  readonly quality?: number;
  readonly format?: FrameFormat;
  /** size of the results, and of raw input unless a call says otherwise */
  readonly width: number;
  readonly height: number;
  readonly logger?: Logger;
}

const maxWorkers = 2;

/**
 * Raw RGBA or encoded images in, resized and converted pictures out, in call order, on the Sharp pool.
 * One instance a process, as the façade documents it.
 */
export class FramePipeline extends BaseComponent {
  static #instance: FramePipeline | null = null;

  /** @throws StudioError already-initialized */
  static initialize(options: FramePipelineOptions): FramePipeline {
    if (FramePipeline.#instance) throw new StudioError('already-initialized', { part: 'FramePipeline' });
    FramePipeline.#instance = new FramePipeline(options);
    return FramePipeline.#instance;
  }

  /** @throws StudioError not-initialized */
  static getInstance(): FramePipeline {
    if (!FramePipeline.#instance) throw new StudioError('not-initialized', { part: 'FramePipeline' });
    return FramePipeline.#instance;
  }

  /** null when there is none */
  static peek(): FramePipeline | null {
    return FramePipeline.#instance;
  }

  readonly #logger: Logger;
  readonly #width: number;
  readonly #height: number;
  readonly #format: FrameFormat;
  readonly #quality: number;
  readonly #maxQueueSize: number;
  readonly #poolSize: number;
  readonly #workers: SharpPool;
  readonly #idle: SharedArrayBuffer[] = [];
  readonly #listeners = new Set<(error: Error) => void>();
  /** settles when the frame before has been handed out */
  #previous: Promise<unknown> = Promise.resolve();
  #queued = 0;

  private constructor(options: FramePipelineOptions) {
    super();
    this.#width = options.width;
    this.#height = options.height;
    this.#format = options.format ?? 'raw';
    this.#quality = options.quality ?? 80;
    this.#maxQueueSize = options.maxQueueSize ?? 30;
    this.#poolSize = options.poolSize ?? 3;
    this.#logger = options.logger ?? createLogger('warn');
    this.#workers = new SharpPool({
      workers: Math.min(maxWorkers, Math.max(1, availableParallelism() - 1)),
      arena: null,
      logger: this.#logger,
    });
  }

  /** frames on their way */
  get queueSize(): number {
    return this.#queued;
  }

  /** raw buffers that wait for re-use */
  get idleBuffers(): number {
    return this.#idle.length;
  }

  /** Failures of starting; those of a frame reject its own call. */
  on(event: 'error', listener: (error: Error) => void): this {
    if (event === 'error') this.#listeners.add(listener);
    return this;
  }

  /** Need not be awaited: a failure goes to the `error` listeners, too, or into the log when there are none. */
  override start(signal?: AbortSignal): Promise<void> {
    const starting = super.start(signal);
    // Told below; a rejection that nobody awaits must not end the process.
    starting.catch(() => undefined);
    return starting;
  }

  protected async onStart(signal: AbortSignal): Promise<void> {
    try {
      await this.#workers.start(signal);
    } catch (error) {
      if (!signal.aborted) this.#announce(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  #announce(error: Error): void {
    if (this.#listeners.size === 0) this.#logger.error({ err: error }, 'the frame pipeline could not start');
    for (const listener of this.#listeners) listener(error);
  }

  protected async onStop(): Promise<void> {
    await this.#workers.stop();
    this.#idle.length = 0;
    if (FramePipeline.#instance === this) FramePipeline.#instance = null;
  }

  /**
   * Convert one frame. Frames given before the start wait for it. The input is copied at once, unless it lies in
   * shared memory: then it must not change until this settles.
   * @param frame raw RGBA (of `size`, by default the pipeline's own), or an encoded image when its length says so
   * @returns raw: a pooled buffer, to be given back with `recycle` (or just dropped); else the encoded picture
   * @throws StudioError queue-full, frame-invalid; AbortError when the pipeline stops
   */
  processFrame(frame: Uint8Array, size?: { width: number; height: number }): Promise<Buffer> {
    if (this.#queued >= this.#maxQueueSize)
      return Promise.reject(
        new StudioError('queue-full', { limit: this.#maxQueueSize }, { retryable: true }),
      );
    if (size && frame.byteLength !== size.width * size.height * 4)
      return Promise.reject(
        new StudioError('frame-invalid', {
          expected: `${size.width * size.height * 4} bytes of RGBA (${size.width}x${size.height})`,
          found: `${frame.byteLength} bytes`,
        }),
      );
    this.#queued++;
    const result = this.#convert(frame, size);
    const previous = this.#previous;
    // In call order also when a later frame is done first; a failed one holds nobody up.
    const inOrder = previous.then(() => result);
    this.#previous = inOrder.catch(() => undefined);
    result.catch(() => undefined);
    return inOrder.finally(() => this.#queued--);
  }

  /** Give a raw result back for re-use. Buffers that are not the pipeline's own are ignored. */
  recycle(buffer: Uint8Array): void {
    const memory = buffer.buffer;
    if (!(memory instanceof SharedArrayBuffer) || memory.byteLength !== this.#rawBytes) return;
    if (this.#idle.length < this.#poolSize && !this.#idle.includes(memory)) this.#idle.push(memory);
  }

  get #rawBytes(): number {
    return this.#width * this.#height * 4;
  }

  async #convert(frame: Uint8Array, size: { width: number; height: number } | undefined): Promise<Buffer> {
    const own = { width: this.#width, height: this.#height };
    const raw = size ?? (frame.byteLength === this.#rawBytes ? own : null);
    const output =
      this.#format === 'raw' ? (this.#idle.pop() ?? new SharedArrayBuffer(this.#rawBytes)) : null;
    if (output && raw?.width === own.width && raw.height === own.height) {
      // Nothing to convert: one copy instead of a trip through Sharp.
      const result = Buffer.from(output);
      result.set(frame);
      return result;
    }
    const input = frame.buffer instanceof SharedArrayBuffer ? frame : this.#share(frame);
    const job: FrameJob = { input, raw, ...own, format: this.#format, quality: this.#quality, output };
    try {
      const encoded = await this.#workers.run({ type: 'frame', job });
      if (output) return Buffer.from(output);
      if (!encoded) throw new Error('the worker returned no picture');
      return Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
    } catch (error) {
      if (output) this.recycle(new Uint8Array(output));
      throw error;
    } finally {
      if (input !== frame) this.recycle(input);
    }
  }

  /** One copy into shared memory, which the worker reads in place; posting the frame would copy it too. */
  #share(frame: Uint8Array): Uint8Array {
    const idle = frame.byteLength === this.#rawBytes ? this.#idle.pop() : undefined;
    const shared = new Uint8Array(idle ?? new SharedArrayBuffer(frame.byteLength));
    shared.set(frame);
    return shared;
  }
}
