import { Worker } from 'node:worker_threads';
import type { FrameArena, Planes } from '../interfaces/layer';
import { BaseComponent } from '../lib/component';
import { StudioError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { paths } from '../lib/paths';
import { compileKernels } from './kernels-module';
import type { SharpJob, SharpReport, SharpRequest, SharpWorkerData, TileSize } from './sharp-protocol';

/** An even number of rows of the widest picture fits. */
const stagingBytes = 1024 * 1024;
/** A job that kills two workers is to blame itself. */
const maxAttempts = 2;

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
  readonly staging: number;
}

export interface SharpPoolOptions {
  /** worker threads, 1…8 */
  readonly workers: number;
  /** needed for tiles */
  readonly arena: FrameArena | null;
  readonly logger: Logger;
}

/** Worker threads that run Sharp, one job each at a time, jobs begun in call order. A worker that dies is replaced. */
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
        staging: arena ? arena.allocate(stagingBytes).offset : 0,
      });
    await Promise.all(this.#slots.map((slot) => this.#spawn(slot)));
    this.#pump();
  }

  protected async onStop(): Promise<void> {
    this.#isOpen = false;
    const stopped = new DOMException('The Sharp pool was stopped', 'AbortError');
    for (const task of this.#queue.splice(0)) task.reject(stopped);
    await Promise.all(
      this.#slots.splice(0).map(async (slot) => {
        await slot.worker?.terminate();
        await slot.exited;
        // Only now: until then the worker may be writing where the tile goes.
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
          failure ??= new Error(`the tile worker ended with code ${code}`);
          slot.worker = null;
          if (!this.#isOpen) return resolve();
          if (!isReady) return reject(failure);
          logger.error({ err: failure }, 'a tile worker died and is replaced');
          this.#replace(slot, failure);
        });
      });
      worker.on('message', (report: SharpReport) => {
        if (report.type !== 'ready') return this.#take(slot, report);
        isReady = true;
        slot.worker = worker;
        resolve();
      });
    });
  }

  #replace(slot: Slot, failure: Error): void {
    const { task } = slot;
    slot.task = null;
    if (task && task.attempts < maxAttempts) this.#queue.unshift(task);
    else task?.reject(new StudioError('internal', { reason: failure.message }, { cause: failure }));
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
