import { fileLooker } from '../../electron/streaming/sources/file-looker';
import type { FileLooker } from '../../electron/streaming/sources/file-looker';
import { nothingAttached } from '../../electron/streaming/sources/nothing-attached';
import { waitFor } from './wait-for';
import { firstSampleOfFrame } from '../../electron/streaming/interfaces/audio-input';
import type {
  ArenaBlock,
  FrameArena,
  LiveRing,
  PictureRequest,
  RenderedTile,
  TileJob,
  TileRenderer,
} from '../../electron/streaming/interfaces/layer';
import { silentLogger } from '../../electron/streaming/lib/logger';
import type { SourceContext, StudioSource } from '../../electron/streaming/sources/source';
import { toolFfmpeg } from './media-fixtures';
import { readSyncPicture } from './sync-reader';

/** First-fit-free arena over a real shared memory: blocks are never reused, so that a late write shows. */
export class TestArena implements FrameArena {
  readonly memory: WebAssembly.Memory;
  readonly live = new Set<ArenaBlock>();
  #next = 64;

  constructor(megabytes = 64) {
    this.memory = new WebAssembly.Memory({ initial: megabytes * 16, maximum: megabytes * 16, shared: true });
  }

  allocate(byteLength: number): ArenaBlock {
    const block = { offset: this.#next, byteLength };
    this.#next += Math.ceil(byteLength / 64) * 64;
    if (this.#next > this.memory.buffer.byteLength) throw new RangeError('the test arena is full');
    this.live.add(block);
    return block;
  }

  free(block: ArenaBlock): void {
    if (!this.live.delete(block)) throw new Error('freed twice, or never allocated');
  }
}

/** Takes every job, draws nothing, remembers all. */
export class RecordingTiles implements TileRenderer {
  readonly jobs: TileJob[] = [];
  failWith: Error | undefined;
  isFontMissing = false;
  readonly #arena: FrameArena;

  constructor(arena: FrameArena) {
    this.#arena = arena;
  }

  async render(job: TileJob): Promise<RenderedTile> {
    this.jobs.push(job);
    await Promise.resolve();
    if (this.failWith) throw this.failWith;
    const block = this.#arena.allocate(64);
    const planes = { width: 2, height: 2, y: block.offset, u: 0, v: 0, alpha: 0, chromaAlpha: 0 };
    const sizes = { naturalWidth: 2, naturalHeight: 2, ownWidth: 2, ownHeight: 2 };
    return { block, planes, ...sizes, isFontMissing: this.isFontMissing };
  }
}

export interface TestContext extends SourceContext {
  readonly arena: TestArena;
  readonly tiles: RecordingTiles;
  /** the program's position; tests move it */
  readonly position: { frame: number };
}

export function testContext(
  options: Partial<{
    fps: number;
    ffmpeg: string;
    hasFpsMode: boolean;
    baseFolder: string;
    now: () => number;
    files: FileLooker;
  }> = {},
): TestContext {
  const arena = new TestArena();
  const position = { frame: 0 };
  return {
    arena,
    tiles: new RecordingTiles(arena),
    position,
    ffmpeg: {
      path: options.ffmpeg ?? toolFfmpeg(),
      origin: 'PATH',
      version: 'test',
      encoders: [],
      hasFpsMode: options.hasFpsMode ?? false,
    },
    program: { width: 640, height: 360, fps: options.fps ?? 30, frameIndex: () => position.frame },
    ...nothingAttached,
    files: options.files ?? fileLooker,
    baseFolder: options.baseFolder ?? '/',
    logger: silentLogger,
    now: options.now ?? Date.now,
    random: () => 0.5,
  };
}

export const plainRequest: PictureRequest = {
  crop: { left: 0, top: 0, right: 0, bottom: 0 },
  width: undefined,
  height: undefined,
  padX: 0,
  padY: 0,
};

/** Reads a ring as the compositor does: the newest picture due, freeing those before it. */
export class RingReader {
  readonly ring: LiveRing;
  readonly #context: TestContext;
  readonly #control: Int32Array;

  constructor(ring: LiveRing, context: TestContext) {
    this.ring = ring;
    this.#context = context;
    this.#control = new Int32Array(context.arena.memory.buffer, ring.control, 3);
  }

  get written(): number {
    return Atomics.load(this.#control, 0);
  }

  get hasEnded(): boolean {
    return Atomics.load(this.#control, 2) === 1;
  }

  /** the picture due at a program frame; −1: before the first */
  dueAt(programFrame: number): number {
    const due = Math.floor(
      ((programFrame - this.ring.startFrame) * this.ring.fps) / this.#context.program.fps + 1e-6,
    );
    return Math.min(due, this.ring.heldPicture ?? Infinity);
  }

  /** What is shown at this program frame now; null: nothing yet. */
  show(programFrame: number): { picture: number; counter: number | null; isFlash: boolean } | null {
    const kept = Atomics.load(this.#control, 1);
    const picture = Math.max(
      Math.min(this.dueAt(programFrame), this.written - 1),
      kept > 0 ? Math.min(kept, this.written - 1) : -1,
    );
    if (picture < 0) return null;
    Atomics.store(this.#control, 1, Math.max(picture, Atomics.load(this.#control, 1)));
    const planes = this.ring.slots[picture % this.ring.slots.length];
    if (!planes) return null;
    const luma = new Uint8Array(this.#context.arena.memory.buffer, planes.y, planes.width * planes.height);
    return { picture, ...readSyncPicture(luma, planes.width, planes.height) };
  }
}

export interface PlayedFrame {
  readonly frame: number;
  readonly picture: number;
  readonly counter: number | null;
  readonly isFlash: boolean;
}

/**
 * Runs the program as a clock of `max` speed does: each frame waits for its picture, then its sound is pulled.
 * @returns what was seen, and all sound from program sample 0 of the first frame played
 */
export async function playOffline(
  source: StudioSource,
  reader: RingReader,
  context: TestContext,
  frames: number,
): Promise<{ seen: PlayedFrame[]; sound: Float32Array; firstSample: number }> {
  const { fps } = context.program;
  const seen: PlayedFrame[] = [];
  const pieces: Float32Array[] = [];
  const start = context.position.frame;
  for (let frame = start; frame < start + frames; frame += 1) {
    context.position.frame = frame;
    await waitFor(
      () => reader.dueAt(frame) < reader.written || reader.hasEnded,
      `picture ${reader.dueAt(frame)} (written: ${reader.written})`,
    );
    const shown = reader.show(frame);
    if (shown) seen.push({ frame, ...shown });
    const first = firstSampleOfFrame(frame, fps);
    const block = new Float32Array((firstSampleOfFrame(frame + 1, fps) - first) * 2);
    source.audio?.render(first, block);
    pieces.push(block);
  }
  const sound = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    sound.set(piece, at);
    at += piece.length;
  }
  return { seen, sound, firstSample: firstSampleOfFrame(start, fps) };
}
