// The reference scene of the benchmark: a still picture, a 480x270 clip, a line of text. Generated, the same for all.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

export const text = 'Reference scene 1080p60';
export const clipPlace = { x: 1380, y: 740, width: 480, height: 270 };
export const textPlace = { x: 96, y: 96, sizePx: 72 };

/** Makes image.png, clip.mp4 and collection.json in the folder. */
export async function makeScene(folder, ffmpeg, font) {
  const width = 1920;
  const height = 1080;
  // A picture with photographic detail: smooth light, soft shapes, and grain that an encoder must carry once.
  const pixels = Buffer.alloc(width * height * 3);
  let seed = 0x2545f491;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      const grain = ((seed >>> 24) - 128) / 12;
      const wave = 40 * Math.sin(x / 97) * Math.cos(y / 61) + 25 * Math.sin((x + 2 * y) / 211);
      const at = (y * width + x) * 3;
      pixels[at] = clamp(70 + (x / width) * 90 + wave + grain);
      pixels[at + 1] = clamp(60 + (y / height) * 80 + wave * 0.7 + grain);
      pixels[at + 2] = clamp(120 - (x / width) * 60 + wave * 0.4 + grain);
    }
  }
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(join(folder, 'image.png'));
  const clip = spawnSync(
    ffmpeg,
    [
      '-v',
      'error',
      '-y',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=480x270:rate=30',
      '-f',
      'lavfi',
      '-i',
      'sine=frequency=330:sample_rate=48000',
      '-t',
      '10',
      '-pix_fmt',
      'yuv420p',
      '-c:v',
      'libx264',
      '-crf',
      '20',
      '-c:a',
      'aac',
      join(folder, 'clip.mp4'),
    ],
    { encoding: 'utf8' },
  );
  if (clip.status !== 0) throw new Error(`the clip could not be made: ${clip.stderr}`);
  const collection = {
    version: 1,
    name: 'Benchmark',
    sources: [
      { id: 'image', name: 'Image', kind: 'image', path: 'image.png' },
      { id: 'clip', name: 'Clip', kind: 'media', path: 'clip.mp4', loop: true },
      { id: 'text', name: 'Text', kind: 'text', text, sizePx: textPlace.sizePx },
    ],
    scenes: [
      {
        id: 'reference',
        name: 'Reference',
        items: [
          { id: 'i1', sourceId: 'image', x: 0, y: 0, width, height },
          { id: 'i2', sourceId: 'clip', ...clipPlace },
          { id: 'i3', sourceId: 'text', x: textPlace.x, y: textPlace.y },
        ],
      },
    ],
  };
  writeFileSync(join(folder, 'collection.json'), JSON.stringify(collection));
  return {
    image: join(folder, 'image.png'),
    clip: join(folder, 'clip.mp4'),
    collection: join(folder, 'collection.json'),
    font,
  };
}

const clamp = (value) => Math.max(0, Math.min(255, Math.round(value)));
