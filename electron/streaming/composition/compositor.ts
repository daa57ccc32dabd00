import { MessageChannel, Worker } from 'node:worker_threads';
import type { PreviewPicture, ProgramFrame } from '../interfaces/frame';
import type { ArenaBlock, FrameArena, Layer, LiveRing } from '../interfaces/layer';
import { BaseComponent } from '../lib/component';
import type { Logger } from '../lib/logger';
import { paths } from '../lib/paths';
import type {
  CompositorCommand,
  CompositorReport,
  CompositorWorkerData,
  FadeCommand,
} from './compositor-protocol';
import { i420Bytes, planesBytes, SharedFrameArena } from './frame-arena';
import { controlBytes, controlWord, previewSlots } from './frame-pool';
import { compileKernels } from './kernels-module';
import { previewSize } from './preview-scaler';

/** What the pool before the encoder may hold in real time; offline a handful keeps both sides busy. */
const maxQueuedSec = 0.5;
const maxInFlightOffline = 6;
/** one being drawn, one kept for repeating, and some air */
const spareFrames = 6;
/** room for tiles and live rings, in pictures of canvas size with alpha */
const pictureRoom = 48;
/** room for pictures made smaller or keyed before they are drawn, in pictures of canvas size with alpha */
const workspaceRoom = 16;
const minWorkspaceBytes = 64 * 1024 * 1024;
const minArenaBytes = 192 * 1024 * 1024;
const maxArenaBytes = 65_534 * 65_536;
const maxPreviewFps = 30;
const stopPatienceMs = 2000;

export interface CompositorOptions {
  /** canvas pixels, even, 16…8192 */
  readonly width: number;
  readonly height: number;
  /** ticks a second, 1…240 */
  readonly fps: number;
  /** `real`: one tick every 1/fps s; `max`: as fast as frames are released, live sources waited for */
  readonly clock: 'real' | 'max';
  readonly logger: Logger;
}

export interface CompositorCounters {
  /** composed + lagged = ticks */
  readonly ticks: number;
  readonly composed: number;
  /** repeated because the compositor was late */
  readonly lagged: number;
  /** of the composed ones: without a picture, because the reader held too many */
  readonly starved: number;
}

type Command = CompositorCommand extends infer One
  ? One extends { id: number }
    ? Omit<One, 'id'>
    : never
  : never;

/** The main thread's side of the compositor: owns the shared memory, hands frames out, takes layers in. */
export class Compositor extends BaseComponent {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly arena: FrameArena;
  /** every tick, in order. Must not throw; must release each frame exactly once. */
  onFrame: ((frame: ProgramFrame) => void) | null = null;
  onPreview: ((picture: PreviewPicture) => void) | null = null;
  /** time each composed tick took, milliseconds (for a histogram) */
  onComposeMs: ((ms: number) => void) | null = null;
  /** this fade is over, or was given up for another */
  onFaded: ((id: number) => void) | null = null;
  /** The worker died. Ticks have ended; frames already delivered stay readable. The owner decides what follows. */
  onError: ((error: Error) => void) | null = null;

  readonly #clock: 'real' | 'max';
  readonly #logger: Logger;
  readonly #slots: number;
  readonly #frames: ArenaBlock[];
  readonly #frameViews: Buffer[];
  readonly #controlBlock: ArenaBlock;
  readonly #scratch: ArenaBlock;
  readonly #workspace: ArenaBlock;
  readonly #control: Int32Array;
  readonly #waiting = new Map<number, () => void>();
  #worker: Worker | null = null;
  #exited: Promise<void> = Promise.resolve();
  /** Made here so that layers set before the start are waiting for the worker when it comes. */
  readonly #channel = new MessageChannel();
  #isGone = false;
  #lastId = 0;
  #preview: { generation: number; width: number; height: number; blocks: ArenaBlock[]; copy: Buffer } | null =
    null;
  #generation = 0;

  constructor(options: CompositorOptions) {
    super();
    const { width, height, fps } = options;
    for (const [name, value] of Object.entries({ width, height }))
      if (!(Number.isInteger(value) && value % 2 === 0 && value >= 16 && value <= 8192))
        throw new RangeError(`${name}: expected an even number of pixels from 16 to 8192, found ${value}`);
    if (!(fps >= 1 && fps <= 240)) throw new RangeError(`fps: expected 1 to 240, found ${fps}`);
    this.width = width;
    this.height = height;
    this.fps = fps;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#slots = (this.#clock === 'real' ? Math.ceil(fps * maxQueuedSec) : maxInFlightOffline) + spareFrames;
    const poolBytes = this.#slots * i420Bytes(width, height);
    const pictureBytes = planesBytes(width, height, true);
    // The largest canvases leave less room than one would like.
    const workspaceBytes = Math.min(
      Math.max(minWorkspaceBytes, workspaceRoom * pictureBytes),
      Math.floor((maxArenaBytes - poolBytes) / 4),
    );
    const arena = new SharedFrameArena(
      Math.min(
        maxArenaBytes,
        Math.max(minArenaBytes, poolBytes + pictureRoom * pictureBytes) + workspaceBytes,
      ),
    );
    this.arena = arena;
    this.#controlBlock = arena.allocate(controlBytes(this.#slots));
    this.#scratch = arena.allocate(width * 2 + 64);
    this.#workspace = arena.allocate(workspaceBytes);
    this.#frames = Array.from({ length: this.#slots }, () => arena.allocate(i420Bytes(width, height)));
    this.#frameViews = this.#frames.map((block) => this.#view(block));
    this.#control = new Int32Array(
      arena.memory.buffer,
      this.#controlBlock.offset,
      controlBytes(this.#slots) / 4,
    );
  }

  /** Totals since the start. */
  get counters(): CompositorCounters {
    const read = (word: number): number => Atomics.load(this.#control, word);
    return {
      ticks: read(controlWord.ticks),
      composed: read(controlWord.composed),
      lagged: read(controlWord.lagged),
      starved: read(controlWord.starved),
    };
  }

  /** number of the next tick */
  get nextIndex(): number {
    return Atomics.load(this.#control, controlWord.ticks);
  }

  /** frames delivered and not yet released */
  get framesInFlight(): number {
    return Atomics.load(this.#control, controlWord.inFlight);
  }

  protected async onStart(signal: AbortSignal): Promise<void> {
    const kernels = await compileKernels();
    signal.throwIfAborted();
    const workerData: CompositorWorkerData = {
      memory: this.arena.memory,
      kernels,
      canvas: { width: this.width, height: this.height, fps: this.fps },
      clock: this.#clock,
      control: this.#controlBlock.offset,
      frames: this.#frames.map((block) => block.offset),
      maxInFlight: this.#slots - spareFrames,
      scratch: this.#scratch.offset,
      workspace: this.#workspace,
      commands: this.#channel.port2,
    };
    const worker = new Worker(paths.compositorWorker, {
      name: 'compositor',
      workerData,
      transferList: [this.#channel.port2],
    });
    this.#worker = worker;
    let isReady = false;
    await new Promise<void>((resolve, reject) => {
      let failure: Error | null = null;
      worker.once('error', (error: Error) => (failure = error));
      this.#exited = new Promise((exited) => {
        worker.once('exit', (code) => {
          this.#leave();
          failure ??= new Error(`the compositor worker ended with code ${code}`);
          if (!isReady) reject(failure);
          else if (!this.lifetime.aborted) this.#fail(failure);
          exited();
        });
      });
      worker.on('message', (report: CompositorReport) => {
        if (report.type !== 'ready') return this.#take(report);
        isReady = true;
        resolve();
      });
    });
  }

  protected async onStop(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return this.#leave();
    void this.#send({ type: 'stop' });
    const timer = setTimeout(() => void worker.terminate(), stopPatienceMs);
    await this.#exited;
    clearTimeout(timer);
  }

  /**
   * Start ticking (after `start`). In `max` mode all frames are numbered and timed as in real time.
   * @param ticks end after this many (the worker then sleeps); without it until `stop`
   */
  run(ticks = Infinity): void {
    void this.#send({ type: 'run', ticks });
  }

  /**
   * Replace what is on the canvas. Resolves when a tick was composed with it (at once while nothing ticks): only then
   * may memory that only the former layers used be given back. May be called before `start`, and then resolves after it.
   * Layers are plain data: they travel to the worker by structured clone.
   * @param hiddenRings rings of pictures that are not on the canvas but shall stay in time
   * @param fade they come slowly, while others go; `onFaded` tells when only they are seen. null: at once
   */
  setLayers(
    layers: readonly Layer[],
    hiddenRings: readonly LiveRing[] = [],
    fade: FadeCommand | null = null,
  ): Promise<void> {
    return this.#send({ type: 'layers', layers, hiddenRings, fade });
  }

  /**
   * A small copy for the UI, at most `width` wide (never larger than the canvas, even, proportions kept) and at most
   * `fps` (≤ 30) a second; null ends it.
   */
  async setPreview(preview: { width: number; fps: number } | null): Promise<void> {
    const old = this.#preview;
    this.#preview = null;
    const generation = ++this.#generation;
    if (preview) {
      const { width, height } = previewSize(this, preview.width);
      const bytes = i420Bytes(width, height);
      const blocks = Array.from({ length: previewSlots }, () => this.arena.allocate(bytes));
      this.#preview = { generation, width, height, blocks, copy: Buffer.alloc(bytes) };
      await this.#send({
        type: 'preview',
        preview: {
          generation,
          width,
          height,
          fps: Math.min(maxPreviewFps, preview.fps),
          slots: blocks.map((block) => block.offset),
        },
      });
    } else await this.#send({ type: 'preview', preview: null });
    // The worker has the new setting: nobody writes the old pictures any more.
    for (const block of old?.blocks ?? []) this.arena.free(block);
  }

  #view(block: ArenaBlock): Buffer {
    return Buffer.from(this.arena.memory.buffer, block.offset, block.byteLength);
  }

  #send(command: Command): Promise<void> {
    // Without a worker nothing reads the memory, so nothing is to be waited for.
    if (this.#isGone) return Promise.resolve();
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#channel.port1.postMessage({ ...command, id });
      this.#wake();
    });
  }

  #wake(): void {
    Atomics.add(this.#control, controlWord.signal, 1);
    Atomics.notify(this.#control, controlWord.signal);
  }

  #take(report: Exclude<CompositorReport, { type: 'ready' }>): void {
    if (report.type === 'done') {
      for (const id of report.ids) {
        this.#waiting.get(id)?.();
        this.#waiting.delete(id);
      }
    } else if (report.type === 'faded') this.onFaded?.(report.id);
    else if (report.type === 'preview') this.#takePreview(report);
    else {
      if (!report.isLagged && report.slot >= 0) this.onComposeMs?.(report.composeMs);
      const frame: ProgramFrame = {
        index: report.index,
        tickUs: report.tickUs,
        isLagged: report.isLagged,
        composeMs: report.composeMs,
        data: this.#frameViews[report.slot] ?? null,
        release: this.#releaseOf(report.slot),
      };
      if (this.onFrame) this.onFrame(frame);
      else frame.release();
    }
  }

  #releaseOf(slot: number): () => void {
    let isReleased = slot < 0;
    return () => {
      if (isReleased) return;
      isReleased = true;
      Atomics.sub(this.#control, controlWord.references + slot, 1);
      Atomics.sub(this.#control, controlWord.inFlight, 1);
      if (Atomics.load(this.#control, controlWord.awaitsRelease) === 1) this.#wake();
    };
  }

  #takePreview(report: Extract<CompositorReport, { type: 'preview' }>): void {
    const preview = this.#preview;
    const block = preview?.blocks[report.slot];
    if (preview && block && preview.generation === report.generation) {
      preview.copy.set(this.#view(block));
      Atomics.store(this.#control, controlWord.previewBusy + report.slot, 0);
      this.onPreview?.({
        index: report.index,
        tickUs: report.tickUs,
        width: preview.width,
        height: preview.height,
        data: preview.copy,
      });
    } else Atomics.store(this.#control, controlWord.previewBusy + report.slot, 0);
  }

  #fail(error: Error): void {
    this.#logger.error({ err: error }, 'the compositor worker crashed');
    this.onError?.(error);
  }

  #leave(): void {
    this.#worker = null;
    this.#isGone = true;
    this.#channel.port1.close();
    // Nobody reads the layers any more, which is all that those who wait want to know.
    for (const resolve of this.#waiting.values()) resolve();
    this.#waiting.clear();
  }
}
