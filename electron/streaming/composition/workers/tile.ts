import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import type { Planes } from '../../interfaces/layer';
import { toWireError } from '../../lib/errors';
import { convertFrame } from '../frame-conversion';
import { instantiateKernels } from '../kernels-module';
import { drawTile } from '../raw-picture';
import type { DrawnTile } from '../raw-picture';
import type { SharpReport, SharpRequest, SharpWorkerData } from '../sharp-protocol';

// One libvips thread a worker (the encoder needs the cores), and no cache: what is worth keeping is a tile.
sharp.concurrency(1);
sharp.cache(false);

const port = parentPort;
if (!port) throw new Error('The tile worker was started outside a worker thread');
const { tiles } = workerData as SharpWorkerData;
const kernels = tiles && instantiateKernels(tiles.kernels, tiles.memory);
/** the tile that waits for its place */
let drawn: DrawnTile | null = null;

const post = (report: SharpReport, transfer: ArrayBuffer[] = []): void => port.postMessage(report, transfer);

function hasTransparency(rgba: Buffer): boolean {
  for (let index = 3; index < rgba.length; index += 4) if (rgba[index] !== 255) return true;
  return false;
}

/** Strip by strip, so that a large picture does not need its RGBA in the shared memory as well. */
function storeTile(picture: DrawnTile, planes: Planes): void {
  if (!tiles || !kernels) throw new Error('this worker was started without the shared memory');
  const { width, height, data } = picture;
  const rowBytes = width * 4;
  const rows = Math.max(2, Math.floor(tiles.stagingBytes / rowBytes / 2) * 2);
  const staging = new Uint8Array(tiles.memory.buffer, tiles.staging, tiles.stagingBytes);
  for (let row = 0; row < height; row += rows) {
    const count = Math.min(rows, height - row);
    staging.set(data.subarray(row * rowBytes, (row + count) * rowBytes));
    const full = row * width;
    const half = full / 4;
    kernels.rgbaToI420(
      tiles.staging,
      width,
      count,
      planes.y + full,
      planes.u + half,
      planes.v + half,
      planes.alpha && planes.alpha + full,
      planes.chromaAlpha && planes.chromaAlpha + half,
    );
  }
}

async function handle(request: SharpRequest): Promise<void> {
  const { id } = request;
  if (request.type === 'tile') {
    drawn = await drawTile(request.job);
    const { data, ...size } = drawn;
    post({ type: 'sized', id, ...size, hasAlpha: hasTransparency(data) });
  } else if (request.type === 'store') {
    const picture = drawn;
    drawn = null;
    if (picture && request.planes) storeTile(picture, request.planes);
    post({ type: 'done', id, data: null });
  } else {
    const data = await convertFrame(request.job);
    post({ type: 'done', id, data }, data ? [data.buffer] : []);
  }
}

port.on('message', (request: SharpRequest) => {
  handle(request).catch((error: unknown) => {
    drawn = null;
    post({ type: 'failed', id: request.id, error: toWireError(error) });
  });
});
post({ type: 'ready' });
