import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { FrameArena, Planes } from '../interfaces/layer';
import { BaseComponent } from '../lib/component';
import { StudioError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { paths } from '../lib/paths';
import { compileKernels } from './kernels-module';
import { outOfTime } from './tile-errors';
import type { SharpJob, SharpReport, SharpRequest, SharpWorkerData, TileSize } from './sharp-protocol';

/** An even number of rows of the widest picture fits. */
const stagingBytes = 1024 * 1024;
/** A job that kills two workers is to blame itself. */
const maxAttempts = 2;
/** Stopping does not wait longer than this for a worker within a picture. */
const stopPatienceMs = 1000;
/** Sharp draws in Node's four threads, which write recordings and find hosts, too: one is left to those. */
const maxDrawing = 3;
/** Given up, and still drawing: nothing ends Sharp within a picture. Of the whole process, as the threads are. */
const stillDrawing = new Set<Worker>();
/** of every pool: a thread is free again */
const onThreadFree = new Set<() => void>();

const nobodyDraws = (): StudioError => new StudioError('drawing-stuck', {});

interface Task {
  readonly id: number;
  readonly job: SharpJob;
  /** asked when the size of a tile is known: where it goes; null: nowhere. May throw, then the job fails with that */
  readonly place: (size: TileSize) => Planes | null;
  readonly resolve: (data: Uint8Array | null) => void;
  readonly reject: (error: unknown) => void;
  attempts: number;
}

interface Slot {
  worker: Worker | null;
  exited: Promise<void>;
  task: Task | null;
  /** its worker was given up, and no other one has taken its place yet */
  isEmpty: boolean;
  /** runs out when the task's picture is not drawn in time */
  patience: NodeJS.Timeout | undefined;
  readonly staging: number;
}

export interface SharpPoolOptions {
  /** worker threads, 1…8 */
  readonly workers: number;
  /** needed for tiles */
  readonly arena: FrameArena | null;
  readonly logger: Logger;
  /** a tile that is not drawn by then fails, and another worker draws the others; Infinity unless given */
  readonly patienceMs?: number;
}

/**
 * Worker threads that run Sharp, one job each at a time, jobs begun in call order. A worker that dies is replaced,
 * and so is one that does not come to an end: a picture of a stranger must not keep all others from being drawn.
 */
export class SharpPool extends BaseComponent {
  readonly #options: SharpPoolOptions;
  readonly #queue: Task[] = [];
  readonly #slots: Slot[] = [];
  #kernels: WebAssembly.Module | null = null;
  #lastId = 0;
  #isOpen = true;

  constructor(options: SharpPoolOptions) {
    super();
    this.#options = options;
  }

  /** jobs waiting or running */
  get pending(): number {
    return this.#queue.length + this.#slots.filter((slot) => slot.task).length;
  }

  protected async onStart(signal: AbortSignal): Promise<void> {
    const { arena, workers } = this.#options;
    if (arena) this.#kernels = await compileKernels();
    signal.throwIfAborted();
    for (let index = 0; index < workers; index++)
      this.#slots.push({
        worker: null,
        exited: Promise.resolve(),
        task: null,
        isEmpty: false,
        patience: undefined,
        staging: arena ? arena.allocate(stagingBytes).offset : 0,
      });
    // Pictures that an earlier pool has given up may hold the threads still.
    const free = stillDrawing.size === 0 ? workers : Math.max(0, maxDrawing - stillDrawing.size);
    for (const slot of this.#slots.slice(free)) slot.isEmpty = true;
    onThreadFree.add(this.#fill);
    await Promise.all(this.#slots.filter(({ isEmpty }) => !isEmpty).map((slot) => this.#spawn(slot)));
    this.#fill();
    this.#pump();
  }

  protected async onStop(): Promise<void> {
    this.#isOpen = false;
    onThreadFree.delete(this.#fill);
    const stopped = new DOMException('The Sharp pool was stopped', 'AbortError');
    for (const task of this.#queue.splice(0)) task.reject(stopped);
    await Promise.all(
      this.#slots.splice(0).map(async (slot) => {
        clearTimeout(slot.patience);
        // Its own code has ended then, and writes nowhere any more; Sharp may be within a picture for long.
        const patience = new AbortController();
        const ended = Promise.all([slot.worker?.terminate(), slot.exited]);
        const late = delay(stopPatienceMs, undefined, { signal: patience.signal }).catch(() => undefined);
        await Promise.race([ended, late]);
        patience.abort();
        slot.task?.reject(stopped);
        const { arena } = this.#options;
        arena?.free({ offset: slot.staging, byteLength: stagingBytes });
      }),
    );
  }

  /**
   * Run a job. May be called before the pool has started; it then waits for it.
   * @param options.place tells where a drawn tile goes
   * @param options.signal takes the job out of the queue; one that runs already is finished first
   * @returns the encoded picture of a frame job, else null
   * @throws StudioError of the job; the signal's reason; AbortError when the pool stops
   */
  run(
    job: SharpJob,
    options: { place?: Task['place']; signal?: AbortSignal } = {},
  ): Promise<Uint8Array | null> {
    const { place = () => null, signal } = options;
    return new Promise((resolve, reject) => {
      if (!this.#isOpen) return reject(new DOMException('The Sharp pool was stopped', 'AbortError'));
      if (this.#isLost) return reject(nobodyDraws());
      const task: Task = { id: ++this.#lastId, job, place, resolve, reject, attempts: 0 };
      this.#queue.push(task);
      signal?.addEventListener('abort', () => this.#withdraw(task, signal.reason), { once: true });
      this.#pump();
    });
  }

  #withdraw(task: Task, reason: unknown): void {
    const index = this.#queue.indexOf(task);
    if (index < 0) return;
    this.#queue.splice(index, 1);
    task.reject(reason);
  }

  #pump(): void {
    for (const slot of this.#slots) {
      if (!slot.worker || slot.task) continue;
      const task = this.#queue.shift();
      if (!task) return;
      slot.task = task;
      task.attempts++;
      const { patienceMs = Infinity } = this.#options;
      if (patienceMs !== Infinity) slot.patience = setTimeout(() => this.#leave(slot), patienceMs).unref();
      this.#post(slot, { ...task.job, id: task.id });
    }
  }

  #post(slot: Slot, request: SharpRequest): void {
    slot.worker?.postMessage(request);
  }

  #spawn(slot: Slot): Promise<void> {
    const { arena, logger } = this.#options;
    const workerData: SharpWorkerData = {
      tiles:
        arena && this.#kernels
          ? { memory: arena.memory, kernels: this.#kernels, staging: slot.staging, stagingBytes }
          : null,
    };
    const worker = new Worker(paths.tileWorker, { name: 'tile', workerData });
    return new Promise((resolve, reject) => {
      let isReady = false;
      let failure: Error | null = null;
      worker.once('error', (error: Error) => (failure = error));
      slot.exited = new Promise((exited) => {
        worker.once('exit', (code) => {
          exited();
          // Given up before: its place is taken, or waits for this.
          if (stillDrawing.delete(worker)) {
            for (const fill of onThreadFree) fill();
            return;
          }
          failure ??= new Error(`the tile worker ended with code ${code}`);
          slot.worker = null;
          if (!this.#isOpen) return resolve();
          if (!isReady) return reject(failure);
          logger.error({ err: failure }, 'a tile worker died and is replaced');
          this.#replace(slot, failure);
        });
      });
      worker.on('message', (report: SharpReport) => {
        if (stillDrawing.has(worker)) return;
        if (report.type !== 'ready') return this.#take(slot, report);
        isReady = true;
        slot.worker = worker;
        resolve();
      });
    });
  }

  /** Its worker is gone as soon as Sharp lets it; it writes nowhere any more, having been told of no place. */
  #leave(slot: Slot): void {
    const { worker, task } = slot;
    const { logger, patienceMs = Infinity } = this.#options;
    if (!worker || !task) return;
    slot.worker = null;
    slot.task = null;
    slot.isEmpty = true;
    slot.exited = Promise.resolve();
    stillDrawing.add(worker);
    void worker.terminate();
    logger.warn({ patienceMs }, 'a picture is not drawn in time and is given up');
    task.reject(outOfTime(patienceMs));
    this.#fill();
  }

  /** Puts a worker wherever one was given up, as far as threads are left. */
  readonly #fill = (): void => {
    for (const slot of this.#slots) {
      const present = this.#slots.filter(({ isEmpty }) => !isEmpty).length + stillDrawing.size;
      if (!slot.isEmpty || present >= maxDrawing) continue;
      slot.isEmpty = false;
      this.#refill(slot);
    }
    if (this.#isLost) for (const task of this.#queue.splice(0)) task.reject(nobodyDraws());
  };

  /** Every worker is given up, and for none there is a thread. */
  get #isLost(): boolean {
    return this.#slots.length > 0 && this.#slots.every(({ isEmpty }) => isEmpty);
  }

  #replace(slot: Slot, failure: Error): void {
    const { task } = slot;
    clearTimeout(slot.patience);
    slot.task = null;
    if (task && task.attempts < maxAttempts) this.#queue.unshift(task);
    else task?.reject(new StudioError('internal', { reason: failure.message }, { cause: failure }));
    this.#refill(slot);
  }

  #refill(slot: Slot): void {
    this.#spawn(slot).then(
      () => this.#pump(),
      (error: unknown) => {
        this.#options.logger.error({ err: error }, 'a tile worker could not be replaced');
        if (this.#slots.some((other) => other.worker)) return;
        for (const waiting of this.#queue.splice(0)) waiting.reject(error);
      },
    );
  }

  #take(slot: Slot, report: Exclude<SharpReport, { type: 'ready' }>): void {
    const { task } = slot;
    if (!task || task.id !== report.id) return;
    clearTimeout(slot.patience);
    if (report.type === 'sized') {
      let planes: Planes | null = null;
      try {
        planes = task.place(report);
      } catch (error) {
        task.reject(error);
      }
      this.#post(slot, { type: 'store', id: report.id, planes });
      return;
    }
    slot.task = null;
    if (report.type === 'done') task.resolve(report.data);
    else task.reject(new StudioError(report.error.code, report.error.details));
    this.#pump();
  }
}
