import { MonitorBuffer } from './monitor-buffer';

/** What the audio thread knows beyond the types of a page. */
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** Plays what the page hands over, in the audio thread. */
class MonitorProcessor extends AudioWorkletProcessor {
  readonly #buffer = new MonitorBuffer();

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<{ firstSample: number; samples: Float32Array }>) => {
      this.#buffer.push(data.firstSample, data.samples);
    };
  }

  process(_inputs: unknown, [output]: Float32Array[][]): boolean {
    const [left, right] = output ?? [];
    if (left && right) this.#buffer.pull(left, right);
    return true;
  }
}

registerProcessor('studio-monitor', MonitorProcessor);
