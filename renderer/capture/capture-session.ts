import type { WireError } from '../../shared/contract/errors';
import type { CaptureTarget } from './capture-link';
import workletUrl from './sound-worklet?worker&url';
import type { CaptureFigures, FromCaptureWorker, ToCaptureWorker } from './worker-messages';

export interface SessionListeners {
  /** `isConnected` has changed */
  connected(): void;
  figures(figures: CaptureFigures): void;
  /** over, and everything let go. null: the person ended it in the browser, or the device went */
  ended(error: WireError | null): void;
}

/** about half a second */
const mostBlocks = 50;

const surfaces: Readonly<Record<string, string>> = {
  monitor: 'A whole screen',
  window: 'A window',
  browser: 'A browser tab',
};

interface Sound {
  readonly context: AudioContext;
  readonly port: MessagePort;
  readonly sampleRate: number;
}

/** One running capture: the browser's stream, the worker that sends it, and the AudioWorklet that hears it. */
export class CaptureSession {
  readonly stream: MediaStream;
  readonly #listeners: SessionListeners;
  readonly #worker: Worker;
  #sound: Sound | null = null;
  #video: HTMLVideoElement | null = null;
  #isOver = false;
  #isConnected = false;

  constructor(stream: MediaStream, listeners: SessionListeners) {
    this.stream = stream;
    this.#listeners = listeners;
    this.#worker = new Worker(new URL('./capture-worker.ts', import.meta.url), { type: 'module' });
    this.#worker.onmessage = ({ data }: MessageEvent<FromCaptureWorker>) => this.#hear(data);
    this.#worker.onerror = (event) => this.#fail(event.message);
    for (const track of stream.getTracks()) track.addEventListener('ended', () => this.#trackEnded());
  }

  /** Whether the engine takes what is captured; told by `connected`, and true, it may be, before it has begun. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** what the browser calls it */
  get deviceName(): string {
    const [track] = [...this.stream.getVideoTracks(), ...this.stream.getAudioTracks()];
    // The label of a display is a number that means nothing to anybody.
    const surface = track?.getSettings().displaySurface;
    return (surface !== undefined && surfaces[surface]) || (track?.label ?? '');
  }

  stop(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const track of this.stream.getTracks()) track.stop();
    void this.#sound?.context.close();
    this.#video?.pause();
    this.#video = null;
    // It says goodbye to the engine first, and then has nothing left to do.
    this.#send({ type: 'end', reason });
  }

  /** Once. @throws Error when the browser cannot set it up: stop it then */
  async begin(target: CaptureTarget, most: { width: number; height: number }): Promise<void> {
    const [picture] = this.stream.getVideoTracks();
    const [voice] = this.stream.getAudioTracks();
    const blocks = voice ? readableOf<AudioData>(voice, mostBlocks) : null;
    this.#sound = voice && !blocks ? await hear(this.stream) : null;
    if (this.#isOver) return void this.#sound?.context.close();
    const frames = picture ? readableOf<VideoFrame>(picture, 1) : null;
    // The first block tells it, should this be another.
    const told = blocks ? (voice?.getSettings().sampleRate ?? 48_000) : null;
    const content = { deviceName: this.deviceName, sampleRate: this.#sound?.sampleRate ?? told };
    const sound = this.#sound?.port ?? null;
    const transferred = [frames, blocks, sound].filter((each) => each !== null);
    this.#send({ type: 'start', target, content, most, frames, blocks, sound }, transferred);
    if (picture && !frames) await this.#playFrames(picture);
  }

  /**
   * Browsers without MediaStreamTrackProcessor (Firefox): a hidden video plays the track, and each frame that it shows
   * goes to the worker. It stands still while the tab is in the background.
   */
  async #playFrames(track: MediaStreamTrack): Promise<void> {
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = new MediaStream([track]);
    this.#video = video;
    const next = (): void => {
      if (this.#video !== video) return;
      const frame = new VideoFrame(video, { timestamp: performance.now() * 1000 });
      this.#send({ type: 'frame', frame }, [frame]);
      video.requestVideoFrameCallback(next);
    };
    // Not before: what a video shows that does not play yet cannot be taken.
    await video.play();
    video.requestVideoFrameCallback(next);
  }

  #hear(message: FromCaptureWorker): void {
    switch (message.type) {
      case 'connected':
        this.#isConnected = message.isConnected;
        return this.#listeners.connected();
      case 'figures':
        return this.#listeners.figures(message.figures);
      case 'refused':
        return this.#end('refused', message.error);
      case 'failed':
        return this.#fail(message.reason);
      case 'ended':
        return this.#worker.terminate();
    }
  }

  #trackEnded(): void {
    this.#end('the device or the browser ended it', null);
  }

  #fail(reason: string): void {
    this.#end('failed', { code: 'device-failed', details: { name: this.deviceName, reason } });
  }

  #end(reason: string, error: WireError | null): void {
    if (this.#isOver) return;
    this.stop(reason);
    this.#listeners.ended(error);
  }

  #send(message: ToCaptureWorker, transferred: Transferable[] = []): void {
    this.#worker.postMessage(message, transferred);
  }
}

/**
 * What the track gives as a stream that a worker can read; null: this browser has no such thing.
 * @param most that may wait unread; what is older goes
 */
function readableOf<Data>(track: MediaStreamTrack, most: number): ReadableStream<Data> | null {
  const { MediaStreamTrackProcessor: Processor } = globalThis as {
    MediaStreamTrackProcessor?: new (init: { track: MediaStreamTrack; maxBufferSize: number }) => {
      readable: ReadableStream<Data>;
    };
  };
  return Processor ? new Processor({ track, maxBufferSize: most }).readable : null;
}

/** Blocks of what the stream sounds like, at the port. The browser resamples to 48 kHz. */
async function hear(stream: MediaStream): Promise<Sound> {
  const context = new AudioContext({ sampleRate: 48_000, latencyHint: 'interactive' });
  try {
    await context.audioWorklet.addModule(workletUrl);
    const tap = new AudioWorkletNode(context, 'sound-tap', {
      channelCount: 2,
      channelCountMode: 'explicit',
      numberOfOutputs: 1,
    });
    const { port1, port2 } = new MessageChannel();
    tap.port.postMessage(port1, [port1]);
    context.createMediaStreamSource(stream).connect(tap);
    // Its output is silence; connected, because only then does every browser keep it running.
    tap.connect(context.destination);
    if (context.state === 'suspended') void context.resume();
    return { context, port: port2, sampleRate: context.sampleRate };
  } catch (error) {
    await context.close();
    throw error;
  }
}
