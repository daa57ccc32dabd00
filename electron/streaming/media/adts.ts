/** Reads AAC in ADTS (ISO/IEC 14496-3 1.A.3.2) as it arrives and takes the frames out of it. */

const fixedHeaderBytes = 7;
/** ISO/IEC 14496-3 table 1.18 */
const sampleRates = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];

export interface AdtsFormat {
  readonly sampleRate: number;
  readonly channels: number;
  /** AudioSpecificConfig (1.6.2.1): what the header of every frame says, once */
  readonly config: Uint8Array;
}

export class AdtsReader {
  readonly #onUnit: (unit: Uint8Array, format: AdtsFormat) => void;
  #rest = new Uint8Array(0);
  #format: AdtsFormat | undefined;
  #formatBits = -1;

  /** @param onUnit gets each raw access unit (a copy of its own) without its ADTS header */
  constructor(onUnit: (unit: Uint8Array, format: AdtsFormat) => void) {
    this.#onUnit = onUnit;
  }

  /** @throws RangeError when the bytes are not ADTS with one AAC frame per header */
  push(chunk: Uint8Array): void {
    let bytes = chunk;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + chunk.length);
      bytes.set(this.#rest);
      bytes.set(chunk, this.#rest.length);
    }
    let at = 0;
    while (bytes.length - at >= fixedHeaderBytes) {
      if (bytes[at] !== 0xff || (bytes[at + 1]! & 0xf6) !== 0xf0)
        throw new RangeError(`ADTS sync word missing at byte ${at}`);
      // aac_frame_length: 13 bits, header included
      const frameBytes = ((bytes[at + 3]! & 0x03) << 11) | (bytes[at + 4]! << 3) | (bytes[at + 5]! >>> 5);
      // protection_absent 0: a 16-bit CRC follows the header
      const headerBytes = bytes[at + 1]! & 1 ? fixedHeaderBytes : fixedHeaderBytes + 2;
      if (frameBytes < headerBytes) throw new RangeError(`ADTS frame of ${frameBytes} bytes`);
      if ((bytes[at + 6]! & 3) !== 0) throw new RangeError('several AAC frames under one ADTS header');
      if (bytes.length - at < frameBytes) break;
      this.#onUnit(bytes.slice(at + headerBytes, at + frameBytes), this.#formatAt(bytes, at));
      at += frameBytes;
    }
    this.#rest = bytes.slice(at);
  }

  #formatAt(bytes: Uint8Array, at: number): AdtsFormat {
    const objectType = (bytes[at + 2]! >>> 6) + 1;
    const rateIndex = (bytes[at + 2]! >>> 2) & 0x0f;
    const channels = ((bytes[at + 2]! & 1) << 2) | (bytes[at + 3]! >>> 6);
    const bits = (objectType << 11) | (rateIndex << 7) | (channels << 3);
    if (this.#format && bits === this.#formatBits) return this.#format;
    const sampleRate = sampleRates[rateIndex];
    if (sampleRate === undefined) throw new RangeError(`ADTS sampling frequency index ${rateIndex}`);
    this.#formatBits = bits;
    return (this.#format = { sampleRate, channels, config: Uint8Array.of(bits >>> 8, bits & 0xff) });
  }
}
