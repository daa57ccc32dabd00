import { Child, describeExit } from '../lib/child';
import type { ChildExit } from '../lib/child';
import type { MonotonicClock } from '../lib/clock';
import { BaseComponent } from '../lib/component';
import { StudioError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { drainMs } from '../lib/stop-limits';
import { audioSampleRate } from '../interfaces/audio-input';
import type { FfmpegBuild } from '../interfaces/ffmpeg';
import type { AudioCodec, AudioConfig, AudioPacket } from '../interfaces/packet';
import { hasRecovered, noCrashes, onCrash } from './crash-policy';
import { SampleHistory } from './sample-history';
import { soundCodecs } from './sound-codec';
import type { SoundCodec, SoundFormat } from './sound-codec';

export interface AudioEncoderOptions {
  readonly build: FfmpegBuild;
  /** AAC unless given */
  readonly codec?: AudioCodec;
  readonly bitrateKbps: number;
  readonly clock: MonotonicClock;
  readonly logger: Logger;
  readonly onConfig: (config: AudioConfig) => void;
  readonly onPacket: (packet: AudioPacket) => void;
  /** ffmpeg-crashed */
  readonly onNotice: (error: StudioError) => void;
}

const channels = 2;
const role = 'audio encoder';
/** as long as this a crash costs no sound; more is lost */
const historySec = 3;
/** nothing came out of so much sound: it hangs */
const hangSec = 2;
/** a longer hole in the sound is jumped over instead of being filled */
const maxSilenceSec = 1;

const sampleUs = (sample: number): number => Math.round((sample * 1e6) / audioSampleRate);

/** PCM on stdin → coded units on stdout, each at once. */
export function audioArguments(sound: SoundCodec, bitrateKbps: number): string[] {
  return [
    // `error`: every build warns that it "guessed" stereo from two channels.
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-probesize', '32', '-analyzeduration', '0'],
    ...['-f', 'f32le', '-ar', String(audioSampleRate), '-ac', String(channels), '-i', 'pipe:0'],
    ...['-map', '0:a:0', ...sound.arguments(bitrateKbps), 'pipe:1'],
  ];
}

/** One FFmpeg process and where on the program's timeline its first sample lies. */
interface Session {
  readonly child: Child;
  /** program sample that was the first to go in; undefined before */
  firstSample: number | undefined;
  /** that came out */
  units: number;
  /** samples that went in since the last unit came out */
  pending: number;
  /** when it last gave something, or began to have something to give; monotonic microseconds */
  progressUs: number;
  fault: string | undefined;
}

/**
 * 48 kHz stereo PCM → coded packets with exact times. Unit k of a process decodes to the input samples from
 * k · unitSamples − primingSamples on; what lies before the first sample is left out. When the process dies, its successor
 * is fed again what had not come out, and a little more for the overlap, so that the sound goes on without a gap and on the
 * same grid of units.
 */
export class AudioEncoder extends BaseComponent {
  readonly #options: AudioEncoderOptions;
  readonly #sound: SoundCodec;
  readonly #history = new SampleHistory(channels, historySec * audioSampleRate);
  readonly #ending = new Set<Promise<void>>();
  #session: Session | undefined;
  #crashes = noCrashes;
  #restartTimer: NodeJS.Timeout | undefined;
  #format: SoundFormat | undefined;
  /** position after the last sample given to us; undefined before the first */
  #writtenEnd: number | undefined;
  /** position after the last sample that came out */
  #deliveredEnd = 0;
  #encoded = 0;
  #isFailing = false;

  constructor(options: AudioEncoderOptions) {
    super();
    this.#options = options;
    this.#sound = soundCodecs[options.codec ?? 'aac'];
  }

  get codec(): AudioCodec {
    return this.#sound.codec;
  }

  /** units delivered */
  get encoded(): number {
    return this.#encoded;
  }

  get pid(): number | undefined {
    return this.#session?.child.process.pid;
  }

  get isFailing(): boolean {
    return this.#isFailing;
  }

  /**
   * Sound of the program from `firstSample` on, interleaved stereo, copied. What was given already is left out; a hole
   * since the last call becomes silence, or, when it is long, a jump in time.
   */
  write(samples: Float32Array, firstSample: number): void {
    if (this.lifetime.aborted || samples.length === 0) return;
    this.#writtenEnd ??= this.#deliveredEnd = firstSample;
    const hole = firstSample - this.#writtenEnd;
    if (hole > maxSilenceSec * audioSampleRate) this.#jumpTo(firstSample);
    // At some rates a frame is not a whole number of samples: off by one is rounding.
    else if (hole > 1) this.#append(new Float32Array(channels * hole));
    this.#append(hole < -1 ? samples.subarray(-hole * channels) : samples);
  }

  protected override onStart(): Promise<void> {
    this.#startSession();
    return Promise.resolve();
  }

  protected override async onStop(): Promise<void> {
    clearTimeout(this.#restartTimer);
    const session = this.#session;
    if (session) {
      session.child.process.stdin?.end();
      const timer = setTimeout(() => this.#kill(session, 'did not finish in time'), drainMs);
      await session.child.exited;
      clearTimeout(timer);
    }
    await Promise.all(this.#ending);
  }

  #append(samples: Float32Array): void {
    const start = this.#writtenEnd ?? 0;
    // A copy: the caller reuses its block.
    const data = Buffer.from(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
    if (data.length === 0) return;
    this.#history.append(start, data);
    this.#writtenEnd = start + samples.length / channels;
    const session = this.#session;
    if (!session) return;
    session.firstSample ??= start;
    if (session.pending === 0) session.progressUs = this.#options.clock.nowUs();
    session.pending += samples.length / channels;
    session.child.process.stdin?.write(data);
    // Both: seconds of sound may come at once, and a program that pauses gives nothing.
    const stuckUs = this.#options.clock.nowUs() - session.progressUs;
    if (session.pending > hangSec * audioSampleRate && stuckUs > hangSec * 1e6)
      this.#kill(session, `no sound came out for ${hangSec} s`);
  }

  /** A process knows no holes, so another one begins behind it; the last units of the first are given up. */
  #jumpTo(sample: number): void {
    this.#history.clear();
    this.#writtenEnd = this.#deliveredEnd = sample;
    this.#session?.child.process.stdin?.end();
    clearTimeout(this.#restartTimer);
    this.#startSession();
  }

  #startSession(): void {
    const { build, bitrateKbps, logger } = this.#options;
    const child = new Child({
      command: build.path,
      args: audioArguments(this.#sound, bitrateKbps),
      stdio: ['pipe', 'pipe', 'pipe'],
      niceness: 5,
      onStderrLine: (line) => logger.warn({ role, line }, 'FFmpeg says'),
    });
    const session: Session = {
      ...{ child, firstSample: undefined, units: 0, pending: 0 },
      ...{ progressUs: this.#options.clock.nowUs(), fault: undefined },
    };
    this.#session = session;
    const { stdin, stdout } = child.process;
    stdin?.on('error', () => undefined); // EPIPE: the exit tells why
    child.process.once('exit', () => stdin?.destroy());
    const reader = this.#sound.open((unit, format) => this.#onUnit(session, unit, format));
    stdout?.on('data', (chunk: Buffer) => {
      if (session.fault) return;
      try {
        reader.push(chunk);
      } catch (error) {
        this.#kill(session, error instanceof Error ? error.message : String(error));
      }
    });
    this.#replay(session);
    const ended = child.exited.then((exit) => {
      this.#ending.delete(ended);
      this.#onExit(session, exit);
    });
    this.#ending.add(ended);
  }

  /** Feeds a new process what its predecessor took with it, and a little before that. */
  #replay(session: Session): void {
    if (this.#history.start === undefined) return;
    session.firstSample = Math.max(this.#history.start, this.#deliveredEnd - this.#prerollSamples);
    for (const data of this.#history.from(session.firstSample)) session.child.process.stdin?.write(data);
  }

  /** So much before a unit that counts does a successor begin: whole units, so that its own fall on the same grid. */
  get #prerollSamples(): number {
    const { unitSamples, prerollUnits } = this.#sound;
    return prerollUnits * unitSamples - (this.#format?.primingSamples ?? 0);
  }

  #onUnit(session: Session, unit: Uint8Array, format: SoundFormat): void {
    const { onConfig, onPacket, bitrateKbps } = this.#options;
    if (session.firstSample === undefined) throw new RangeError('sound came out before any went in');
    const { codec, unitSamples } = this.#sound;
    const start = session.firstSample + session.units * unitSamples - format.primingSamples;
    session.units++;
    session.pending = 0;
    session.progressUs = this.#options.clock.nowUs();
    if (hasRecovered(this.#crashes, this.#options.clock.nowUs())) this.#isFailing = false;
    // Before the first sample, or delivered by the predecessor already.
    if (start < this.#deliveredEnd) return;
    if (!this.#format || Buffer.compare(this.#format.config, format.config) !== 0) {
      this.#format = format;
      const { sampleRate, channels: count, config: data } = format;
      onConfig({ kind: 'audio-config', codec, sampleRate, channels: count, bitrateKbps, data });
    }
    this.#deliveredEnd = start + unitSamples;
    this.#history.forgetBefore(this.#deliveredEnd - this.#prerollSamples);
    this.#encoded++;
    const ptsUs = sampleUs(start);
    onPacket({ kind: 'audio', codec, ptsUs, dtsUs: ptsUs, data: unit });
  }

  #onExit(session: Session, exit: ChildExit): void {
    if (this.#session !== session) return; // another one has taken over
    this.#session = undefined;
    if (this.lifetime.aborted) return;
    const verdict = onCrash(this.#crashes, session.units > 0, this.#options.clock.nowUs());
    this.#crashes = verdict.history;
    this.#isFailing = verdict.isFailing;
    const details = { role, exit: describeExit(exit), lastLine: session.fault ?? session.child.lastLine };
    this.#options.logger.warn({ ...details, restartInMs: verdict.restartInMs }, 'the audio encoder ended');
    this.#options.onNotice(new StudioError('ffmpeg-crashed', details, { retryable: true }));
    if (verdict.restartInMs === 0) this.#startSession();
    else this.#restartTimer = setTimeout(() => this.#startSession(), verdict.restartInMs);
  }

  #kill(session: Session, reason: string): void {
    session.fault ??= reason;
    session.child.process.stdin?.destroy();
    session.child.process.kill('SIGKILL');
  }
}
