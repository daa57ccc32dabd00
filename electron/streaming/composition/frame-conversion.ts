import sharp from 'sharp';
import { StudioError } from '../lib/errors';
import type { FrameJob } from './sharp-protocol';

/** Below this quality the cheaper kernel does. */
const lanczosFromQuality = 70;

/**
 * Resize and convert one picture. Raw RGBA goes into `job.output` (then null is returned), an encoded picture is
 * returned in a buffer of its own.
 * @throws StudioError frame-invalid
 */
export async function convertFrame(job: FrameJob): Promise<Uint8Array<ArrayBuffer> | null> {
  const { width, height, quality } = job;
  // Sharp takes a Buffer over shared memory as it is.
  const input = Buffer.from(job.input.buffer, job.input.byteOffset, job.input.byteLength);
  try {
    let picture = job.raw
      ? sharp(input, { raw: { ...job.raw, channels: 4 } })
      : sharp(input, { failOn: 'truncated' }).autoOrient();
    if (!job.raw || job.raw.width !== width || job.raw.height !== height)
      picture = picture.resize(width, height, {
        fit: 'fill',
        kernel: quality >= lanczosFromQuality ? 'lanczos3' : 'linear',
      });
    picture = picture.toColourspace('srgb');
    if (job.format === 'raw') {
      const data = await picture.ensureAlpha().raw({ depth: 'uchar' }).toBuffer();
      if (!job.output) throw new Error('no room was given for the raw picture');
      new Uint8Array(job.output).set(data);
      return null;
    }
    if (job.format === 'jpeg') picture = picture.flatten({ background: '#000000' }).jpeg({ quality });
    else if (job.format === 'webp') picture = picture.webp({ quality, effort: 1 });
    else picture = picture.png({ compressionLevel: 3 });
    // libvips owns the memory behind Sharp's result, which cannot be transferred.
    return new Uint8Array(await picture.toBuffer());
  } catch (error) {
    const found = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new StudioError(
      'frame-invalid',
      {
        expected: job.raw
          ? `RGBA of ${job.raw.width}x${job.raw.height}`
          : `RGBA of ${width}x${height} or a JPEG, PNG or WebP image`,
        found,
      },
      { cause: error },
    );
  }
}
