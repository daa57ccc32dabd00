import { WebSocket } from 'ws';
import { serverMessageSchema } from '../../shared/contract/messages';
import { readPreviewFrame } from '../../shared/contract/preview-frame';
import { statsSchema } from '../../shared/contract/events';
import type { TestEngine } from './engine';

/** Which frame the engine was at, at any moment; by unix time, which pages on this machine share. */
export interface TickClock {
  tickUnixMs(frameIndex: number): number;
  /** the newest frame that had fallen due */
  frameIndexAt(unixMs: number): number;
}

/**
 * Asks the engine itself: the ticks of some preview frames give the line, and the statistics, which count ticks by
 * another way, must lie on it.
 * @throws Error when the two do not agree
 */
export async function readTickClock(engine: TestEngine, fps: number): Promise<TickClock> {
  const periodMs = 1000 / fps;
  const { starts, statistics } = await listen(engine, periodMs);
  const startMs = [...starts].sort((one, other) => one - other)[Math.floor(starts.length / 2)] ?? Number.NaN;
  const clock: TickClock = {
    tickUnixMs: (frameIndex) => startMs + frameIndex * periodMs,
    frameIndexAt: (unixMs) => Math.floor((unixMs - startMs) / periodMs),
  };
  const gaps = statistics.map(({ at, frameIndex }) => clock.frameIndexAt(at) - frameIndex);
  if (!gaps.some((gap) => Math.abs(gap) <= 2))
    throw new Error(`the statistics are ${gaps.join(', ')} frames away from the preview's ticks`);
  return clock;
}

interface Heard {
  /** unix ms at which frame 0 fell due, as each frame says */
  starts: number[];
  statistics: { at: number; frameIndex: number }[];
}

function listen(engine: TestEngine, periodMs: number): Promise<Heard> {
  const heard: Heard = { starts: [], statistics: [] };
  const socket = new WebSocket(`${engine.origin.replace('http', 'ws')}/ws`);
  const send = (message: object): void => socket.send(JSON.stringify(message));
  socket.binaryType = 'arraybuffer';
  return new Promise<Heard>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the engine closed the connection')));
    socket.once('open', () => {
      send({ type: 'hello', version: 1, token: engine.token });
      // As wide as any window asks for at the least: nobody else's preview changes its size.
      send({ type: 'subscribe', topics: ['preview', 'stats'], previewWidth: 160 });
    });
    socket.on('message', (data, isBinary) => {
      if (isBinary) {
        const { frameIndex, tickUnixMs } = readPreviewFrame(data as ArrayBuffer);
        heard.starts.push(tickUnixMs - frameIndex * periodMs);
        send({ type: 'previewShown', frameIndex });
      } else {
        const message = serverMessageSchema.parse(JSON.parse(Buffer.from(data as ArrayBuffer).toString()));
        if (message.type === 'event' && message.event === 'stats')
          heard.statistics.push(statsSchema.parse(message.payload));
      }
      if (heard.starts.length >= 5 && heard.statistics.length >= 3) resolve(heard);
    });
  }).finally(() => {
    socket.removeAllListeners('close');
    socket.close();
  });
}
