import { forthAndBack } from './calibration-pictures';
import type { CalibrationPictures } from './calibration-pictures';

/**
 * Pictures for measuring encoders: textures that pan, with detailed boxes that move against them. Busy enough that an
 * encoder which keeps up here keeps up on air, and the same at every call, so that its quality can be compared.
 */
export class SyntheticFrames implements CalibrationPictures {
  readonly title = 'moving test pictures';
  readonly #width: number;
  readonly #height: number;
  readonly #pictures: Uint8Array[];

  /** @param count different pictures; they are shown forth and back, so that motion never jumps */
  constructor(width: number, height: number, count: number) {
    this.#width = width;
    this.#height = height;
    const luma = texture(width + 4 * count, height + 2 * count, 52, 3);
    const chroma = texture(width / 2 + 2 * count, height / 2 + count, 40, 2);
    this.#pictures = Array.from({ length: count }, (_, at) => this.#draw(at, count, luma, chroma));
  }

  get count(): number {
    return this.#pictures.length;
  }

  get(index: number): Uint8Array {
    return this.#pictures[forthAndBack(index, this.count)]!;
  }

  #draw(at: number, count: number, luma: Texture, chroma: Texture): Uint8Array {
    const [width, height] = [this.#width, this.#height];
    const picture = new Uint8Array((width * height * 3) / 2);
    const y = picture.subarray(0, width * height);
    copy(luma, 2 * at, at, y, width, 0, 0, width, height);
    // Boxes that go the other way, showing another part of the texture.
    for (let box = 0; box < 4; box++) {
      const [boxWidth, boxHeight] = [width >> 2, height >> 2];
      const x = (box * (width - boxWidth)) >> 2;
      const top = ((box & 1) * (height - boxHeight)) >> 1;
      const shift = box & 1 ? 3 * at : 3 * (count - at);
      copy(
        luma,
        width >> 1,
        height >> 1,
        y,
        width,
        Math.min(x + shift, width - boxWidth),
        top,
        boxWidth,
        boxHeight,
      );
    }
    const quarter = (width * height) / 4;
    copy(chroma, at, at >> 1, picture.subarray(width * height), width / 2, 0, 0, width / 2, height / 2);
    const v = picture.subarray(width * height + quarter);
    copy(chroma, 2 * count - at, at >> 1, v, width / 2, 0, 0, width / 2, height / 2);
    return picture;
  }
}

interface Texture {
  readonly data: Uint8Array;
  readonly stride: number;
}

/** Waves of several sizes under fine grain, around mid grey. */
function texture(width: number, height: number, amplitude: number, grain: number): Texture {
  const stride = Math.ceil(width);
  const rows = Math.ceil(height);
  const wave = Float32Array.from({ length: 1024 }, (_, at) => Math.sin((at * Math.PI) / 512));
  const data = new Uint8Array(stride * rows);
  let random = 1;
  for (let y = 0; y < rows; y++) {
    const bend = wave[(y * 5) & 1023]! * 160;
    const fine = wave[(y * 37) & 1023]! * amplitude * 0.25;
    for (let x = 0; x < stride; x++) {
      random = (Math.imul(random, 1_664_525) + 1_013_904_223) | 0;
      const coarse = wave[(x * 3 + bend) & 1023]! * amplitude;
      data[y * stride + x] =
        126 + coarse + wave[(x * 41) & 1023]! * fine + ((random >>> 24) / 128 - 1) * grain;
    }
  }
  return { data, stride };
}

function copy(
  from: Texture,
  fromX: number,
  fromY: number,
  to: Uint8Array,
  toStride: number,
  toX: number,
  toY: number,
  width: number,
  height: number,
): void {
  for (let row = 0; row < height; row++) {
    const start = (fromY + row) * from.stride + fromX;
    to.set(from.data.subarray(start, start + width), (toY + row) * toStride + toX);
  }
}
