/** What an AudioWorklet's own scope has; TypeScript knows it for no library. */
declare const registerProcessor: (name: string, processor: new () => object) => void;
declare const sampleRate: number;
declare const AudioWorkletProcessor: new () => { readonly port: MessagePort };

/** 10 ms */
const blockFrames = Math.round(sampleRate / 100);

/** Collects what it hears into blocks of interleaved stereo and hands them to the port that it is given. */
class SoundTap extends AudioWorkletProcessor {
  #target: MessagePort | null = null;
  #block = new Float32Array(blockFrames * 2);
  #filled = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<MessagePort | null>) => (this.#target = data);
  }

  /** @returns whether it shall go on */
  process([input]: Float32Array[][]): boolean {
    const left = input?.[0];
    const right = input?.[1] ?? left;
    // No input: the track is muted. Its silence is sound too, or the engine would take it for lost.
    const frames = left?.length ?? 128;
    for (let frame = 0; frame < frames; frame += 1) {
      this.#block[this.#filled * 2] = left?.[frame] ?? 0;
      this.#block[this.#filled * 2 + 1] = right?.[frame] ?? 0;
      this.#filled += 1;
      if (this.#filled === blockFrames) this.#send();
    }
    return true;
  }

  #send(): void {
    const block = this.#block;
    this.#block = new Float32Array(blockFrames * 2);
    this.#filled = 0;
    this.#target?.postMessage(block, [block.buffer]);
  }
}

registerProcessor('sound-tap', SoundTap);
