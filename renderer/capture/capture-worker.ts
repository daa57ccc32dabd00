import '../client/validation';
import { captureHeaderBytes, writeSoundHeader } from '../../shared/contract/capture-message';
import { CaptureLink } from './capture-link';
import type { CaptureContent } from './capture-link';
import { PictureTaker } from './picture-taker';
import { interleavedStereo } from './sound-block';
import type { FromCaptureWorker, ToCaptureWorker } from './worker-messages';

/*
 * One capture's own thread: pictures from the browser to the engine without ever meeting the window's thread, so that
 * neither a busy page nor a tab in the background holds them up.
 */

const tell = (message: FromCaptureWorker): void => postMessage(message);
const nowUs = (): number => (performance.timeOrigin + performance.now()) * 1000;

let link: CaptureLink | null = null;
let taker: PictureTaker | null = null;
let content: CaptureContent = { deviceName: '', sampleRate: null };
/** the newest frame for which there was no room yet */
let waiting: { frame: VideoFrame; atUs: number } | null = null;
let isTaking = false;
/** what still holds frames; it ends with the tracks */
const underWay = new Set<Promise<void>>();
const counted = { since: performance.now(), pictures: 0 };

function follow(work: Promise<void>): void {
  const done = work.catch(() => undefined).finally(() => underWay.delete(done));
  underWay.add(done);
}

/** The newest frame wins: one that still waits gives way. */
function offer(frame: VideoFrame): void {
  if (!link) return frame.close();
  waiting?.frame.close();
  waiting = { frame, atUs: nowUs() };
  follow(sendWaiting());
}

async function sendWaiting(): Promise<void> {
  while (!isTaking && waiting && taker && link?.hasRoom) {
    const { frame, atUs } = waiting;
    waiting = null;
    isTaking = true;
    try {
      const { message, width, height } = await taker.take(frame, atUs);
      link.sendPicture(message);
      count(width, height);
    } catch (error) {
      tell({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
    } finally {
      frame.close();
      isTaking = false;
    }
  }
}

function count(width: number, height: number): void {
  counted.pictures += 1;
  const elapsedMs = performance.now() - counted.since;
  if (elapsedMs < 1000) return;
  tell({ type: 'figures', figures: { width, height, fps: (counted.pictures * 1000) / elapsedMs } });
  counted.since = performance.now();
  counted.pictures = 0;
}

async function readFrames(frames: ReadableStream<VideoFrame>): Promise<void> {
  const reader = frames.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    offer(value);
  }
}

/** As they come from the device, without the delay of an AudioContext: nothing but arrival tells how old they are. */
async function readBlocks(blocks: ReadableStream<AudioData>): Promise<void> {
  const reader = blocks.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    if (value.sampleRate !== content.sampleRate) {
      content = { ...content, sampleRate: value.sampleRate };
      link?.change(content);
    }
    sendSound(interleavedStereo(value));
    value.close();
  }
}

function sendSound(samples: Float32Array): void {
  const { sampleRate } = content;
  if (!link || sampleRate === null) return;
  const message = new Uint8Array(captureHeaderBytes + samples.byteLength);
  // The block is here when its last sample is: it began so much earlier.
  writeSoundHeader(message, nowUs() - (samples.length / 2 / sampleRate) * 1e6);
  message.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), captureHeaderBytes);
  link.sendSound(message);
}

function begin(message: Extract<ToCaptureWorker, { type: 'start' }>): void {
  taker = new PictureTaker(message.most);
  content = message.content;
  link = new CaptureLink(message.target, message.content, {
    connected: (isConnected) => tell({ type: 'connected', isConnected }),
    room: () => follow(sendWaiting()),
    refused: (error) => tell({ type: 'refused', error }),
  });
  link.connect();
  // Its end is told by the track in the window, which knows why.
  if (message.frames) follow(readFrames(message.frames));
  if (message.blocks) follow(readBlocks(message.blocks));
  if (message.sound) message.sound.onmessage = (event: MessageEvent<Float32Array>) => sendSound(event.data);
}

/** Says goodbye, and that it is over once every frame is closed: the browser counts those that are not. */
async function end(reason: string): Promise<void> {
  link?.end(reason);
  link = null;
  waiting?.frame.close();
  waiting = null;
  await Promise.all(underWay);
  tell({ type: 'ended' });
}

addEventListener('message', ({ data }: MessageEvent<ToCaptureWorker>) => {
  if (data.type === 'start') begin(data);
  else if (data.type === 'frame') offer(data.frame);
  else void end(data.reason);
});
