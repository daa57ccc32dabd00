import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../lib/clock';
import type { CompositorCommand, CompositorReport, CompositorWorkerData } from '../compositor-protocol';
import { FrameClock } from '../frame-clock';
import { FrameComposer } from '../frame-composer';
import { controlBytes, controlWord, FramePool } from '../frame-pool';
import { instantiateKernels } from '../kernels-module';
import type { LiveRingReader } from '../live-ring';
import { PreviewScaler } from '../preview-scaler';

/** Offline output waits this long for a source that does not deliver, then goes on with its last picture. */
const ringPatienceUs = 5_000_000;
/** Rings' writers need not notify, so they are looked at this often. */
const ringPollMs = 2;

/**
 * The frame clock and the drawing, in a thread of their own that sleeps in `Atomics.wait` between ticks: no event loop
 * comes between the clock and the picture.
 */
class CompositorWorker {
  readonly #data: CompositorWorkerData;
  readonly #control: Int32Array;
  readonly #pool: FramePool;
  readonly #composer: FrameComposer;
  readonly #preview: PreviewScaler;
  readonly #post: (report: CompositorReport) => void;
  #clock: FrameClock | null = null;
  #ticksLeft = Infinity;
  #isStopping = false;
  /** commands that take effect with the next tick */
  #pending: number[] = [];
  /** rings whose patience ran out: not waited for again until they deliver */
  readonly #lateRings = new Set<number>();
  /** the last fade whose end was told */
  #fadedId = 0;

  constructor(data: CompositorWorkerData, post: (report: CompositorReport) => void) {
    this.#data = data;
    this.#post = post;
    this.#control = new Int32Array(
      data.memory.buffer,
      data.control,
      controlBytes(data.frames.length) / Int32Array.BYTES_PER_ELEMENT,
    );
    const kernels = instantiateKernels(data.kernels, data.memory);
    this.#pool = new FramePool(this.#control, data.frames);
    this.#composer = new FrameComposer(data.canvas, data.memory, kernels, this.#pool, data.workspace);
    this.#preview = new PreviewScaler(data.canvas, kernels, this.#control, data.scratch);
  }

  run(): void {
    this.#post({ type: 'ready' });
    while (!this.#isStopping) {
      // Read before the commands are drained: one that comes later changes it, and the wait returns at once.
      const signal = Atomics.load(this.#control, controlWord.signal);
      this.#takeCommands();
      if (this.#isStopping) return;
      if (!this.#clock || this.#ticksLeft <= 0) this.#sleep(signal, Infinity);
      else if (this.#data.clock === 'real') this.#stepReal(this.#clock, signal);
      else this.#stepMax(this.#clock, signal);
    }
  }

  #sleep(signal: number, us: number): void {
    Atomics.wait(this.#control, controlWord.signal, signal, us / 1000);
  }

  #takeCommands(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#data.commands) as
        { message: CompositorCommand } | undefined;
      if (!received) break;
      const command = received.message;
      this.#pending.push(command.id);
      if (command.type === 'layers')
        this.#composer.setLayers(command.layers, command.hiddenRings, command.fade);
      else if (command.type === 'preview') this.#preview.setTarget(command.preview);
      else if (command.type === 'stop') this.#isStopping = true;
      else {
        this.#clock ??= new FrameClock(this.#data.canvas.fps, systemClock.nowUs());
        this.#ticksLeft = command.ticks;
      }
    }
    // While nothing ticks nothing is read either: commands hold at once.
    if (!this.#clock || this.#ticksLeft <= 0 || this.#isStopping) this.#acknowledge();
  }

  #acknowledge(): void {
    if (this.#pending.length === 0) return;
    this.#post({ type: 'done', ids: this.#pending });
    this.#pending = [];
  }

  #reportFade(): void {
    const id = this.#composer.endedFadeId;
    if (id <= this.#fadedId) return;
    this.#fadedId = id;
    this.#post({ type: 'faded', id });
  }

  #stepReal(clock: FrameClock, signal: number): void {
    const step = clock.step(systemClock.nowUs());
    if (step.type === 'wait') {
      this.#sleep(signal, step.us);
      return;
    }
    const isFull = Atomics.load(this.#control, controlWord.inFlight) >= this.#data.maxInFlight;
    if (step.isLate && this.#composer.lastSlot >= 0) {
      this.#count(controlWord.lagged);
      this.#deliver(step.index, step.dueUs, isFull ? -1 : this.#composer.lastSlot, true, 0);
    } else if (isFull) this.#deliverNothing(step.index, step.dueUs);
    else this.#composeTick(step.index, step.dueUs);
  }

  #stepMax(clock: FrameClock, signal: number): void {
    if (Atomics.load(this.#control, controlWord.inFlight) >= this.#data.maxInFlight) {
      Atomics.store(this.#control, controlWord.awaitsRelease, 1);
      // Checked again after the flag is up: a release in between would not have been announced.
      if (Atomics.load(this.#control, controlWord.inFlight) >= this.#data.maxInFlight)
        this.#sleep(signal, Infinity);
      Atomics.store(this.#control, controlWord.awaitsRelease, 0);
      return;
    }
    const index = clock.nextIndex;
    if (!this.#awaitRings(index, signal)) return;
    // Every moment is the right one here; the clock only numbers the ticks.
    clock.advance();
    this.#composeTick(index, systemClock.nowUs());
  }

  /**
   * @param signal as it was before the commands were drained: one that came since must not be slept through
   * @returns false when commands interrupted the wait and everything must be looked at again
   */
  #awaitRings(frameIndex: number, signal: number): boolean {
    const { fps } = this.#data.canvas;
    const deadlineUs = systemClock.nowUs() + ringPatienceUs;
    const isAwaited = (reader: LiveRingReader): boolean => {
      if (reader.isReady(frameIndex, fps)) this.#lateRings.delete(reader.ring.control);
      else if (!this.#lateRings.has(reader.ring.control)) return true;
      return false;
    };
    for (;;) {
      const awaited = this.#composer.rings.filter(isAwaited);
      if (awaited.length === 0) return true;
      // A writer with a full ring can only come nearer to this frame when older pictures are given back.
      for (const reader of awaited) reader.advance(frameIndex, fps);
      if (systemClock.nowUs() > deadlineUs)
        for (const reader of awaited) this.#lateRings.add(reader.ring.control);
      else awaited[0]?.waitForWriter(ringPollMs);
      if (Atomics.load(this.#control, controlWord.signal) !== signal) return false;
    }
  }

  #composeTick(index: number, dueUs: number): void {
    const startedUs = systemClock.nowUs();
    const slot = this.#composer.compose(index);
    if (slot < 0) {
      this.#deliverNothing(index, dueUs);
      return;
    }
    this.#count(controlWord.composed);
    this.#deliver(index, dueUs, slot, false, (systemClock.nowUs() - startedUs) / 1000);
    this.#acknowledge();
    this.#reportFade();
    // After the delivery, so that the program never waits for its preview.
    const preview = this.#preview.scale(this.#composer.pictures, this.#pool.offsetOf(slot), dueUs);
    if (preview) this.#post({ type: 'preview', ...preview, index, tickUs: Math.round(dueUs) });
  }

  /** The consumer is far behind: the tick is on time but has no picture. */
  #deliverNothing(index: number, dueUs: number): void {
    this.#count(controlWord.composed);
    this.#count(controlWord.starved);
    this.#deliver(index, dueUs, -1, false, 0);
    // Nothing was drawn, but what the commands replaced is not read any more.
    this.#acknowledge();
  }

  #deliver(index: number, dueUs: number, slot: number, isLagged: boolean, composeMs: number): void {
    if (slot >= 0) {
      this.#pool.retain(slot);
      this.#count(controlWord.inFlight);
    }
    this.#count(controlWord.ticks);
    this.#ticksLeft--;
    this.#post({ type: 'frame', index, tickUs: Math.round(dueUs), slot, isLagged, composeMs });
  }

  #count(word: number): void {
    Atomics.add(this.#control, word, 1);
  }
}

const port = parentPort;
if (!port) throw new Error('The compositor worker was started outside a worker thread');
const data = workerData as CompositorWorkerData;
try {
  new CompositorWorker(data, (report) => port.postMessage(report)).run();
} finally {
  data.commands.close();
}
