import { setTimeout } from 'node:timers/promises';
import { FlvStream } from '../media/flv-stream';
import { greyVideo } from '../media/grey-h264';
import { StudioError } from '../lib/errors';
import { CarriedRate } from './carried-rate';
import type { CarriedFigures } from './carried-rate';
import { measureConnect } from './connect-time';
import type { PublishConnection } from './publish-connection';
import { dialPublisher, goodbyeMs } from './publish-dial';
import type { DialOptions } from './publish-dial';
import { parseRtmpUrl } from './rtmp-url';
import { TestStream } from './test-stream';

export interface BandwidthRunOptions extends Omit<DialOptions, 'onMeasured'> {
  /** `rtmp(s)://host[:port]/app` */
  readonly url: string;
  /** no more than this is sent: what the path could carry beyond it is not found out */
  readonly mostKbps: number;
  /** of sending, the beginning included, which is not counted; 10 s unless given */
  readonly durationMs?: number;
  readonly onProgress?: (progress: BandwidthProgress) => void;
}

export interface BandwidthProgress {
  /** 0…1 */
  readonly share: number;
  /** what has arrived in the last half second; null: not known yet */
  readonly kbps: number | null;
}

export interface BandwidthResult extends CarriedFigures {
  /** the path carried less than was sent: these figures are all it can. False: it carries at least as much */
  readonly isLimited: boolean;
  /** from nothing to “publish accepted” */
  readonly connectMs: number;
  /** to the server and back, while nothing else is on its way; null: not measured */
  readonly roundTripMs: number | null;
}

/** share of the run in which it becomes faster: a connection begins slowly, and buffers on the way fill up */
const warmUpShare = 0.2;
const firstKbps = 500;
/** so much may be on its way: the path is never idle, and others in the house still get through */
const backlogMs = 400;
const pictureMs = 1000 / greyVideo.fps;
/** what a pause has left unsent is not sent in one piece afterwards */
const mostCatchUpMs = 3 * pictureMs;
/** for going live, which waits until this connection is gone */
const hurriedMs = 200;

/**
 * Publishes a stream of nothing (`TestStream`) as fast as the path takes it, up to `mostKbps`, and measures what arrives.
 * Whoever calls it sees to it that nobody is shown the stream. Aborting ends it within 200 ms once it sends, and within a
 * second while it dials.
 * @throws StudioError destination-url-invalid, destination-lost and all of `dialPublisher`; `bandwidth-unmeasured` when
 * too little came through to tell; the signal's reason when aborted
 */
export async function runBandwidth(
  { url, mostKbps, durationMs = 10_000, onProgress = () => undefined, ...dial }: BandwidthRunOptions,
  signal: AbortSignal,
): Promise<BandwidthResult> {
  const target = parseRtmpUrl(url);
  const carried = new CarriedRate();
  const roundTripMs = await measureConnect(target, { tries: 2, names: dial.names }, signal);
  const startedAt = performance.now();
  const onMeasured: DialOptions['onMeasured'] = ({ arrivedBytes }) =>
    carried.add(performance.now(), arrivedBytes);
  const connection = await dialPublisher(target, { ...dial, onMeasured }, signal);
  const sendingFrom = performance.now();
  try {
    const onSent = (share: number): void => onProgress({ share, kbps: carried.newestKbps });
    await send(connection, { mostKbps, durationMs, onSent }, signal);
  } finally {
    await connection.close(signal.aborted ? hurriedMs : goodbyeMs);
  }
  const figures = carried.figures(sendingFrom + durationMs * warmUpShare, sendingFrom + durationMs);
  if (!figures) throw new StudioError('bandwidth-unmeasured', { host: target.host });
  return {
    ...figures,
    isLimited: figures.medianKbps < mostKbps * 0.9,
    ...{ connectMs: sendingFrom - startedAt, roundTripMs },
  };
}

async function send(
  connection: PublishConnection,
  { mostKbps, durationMs, onSent }: { mostKbps: number; durationMs: number; onSent: (share: number) => void },
  signal: AbortSignal,
): Promise<void> {
  const either = AbortSignal.any([signal, connection.broken]);
  const test = new TestStream(mostKbps);
  const flv = new FlvStream('Stream Manager Studio');
  for (const config of test.configs) flv.push(config);
  const untilOver = AbortSignal.any([either, AbortSignal.timeout(durationMs)]);
  const startMs = performance.now();
  let dueMs = 0;
  let lastMs = -pictureMs;
  for (;;) {
    const nowMs = performance.now() - startMs;
    if (nowMs >= durationMs) return;
    const kbps = offeredKbps(nowMs / durationMs, mostKbps);
    const bytes = (Math.min(nowMs - lastMs, mostCatchUpMs) * kbps) / 8;
    for (const packet of [test.picture(nowMs, bytes), ...test.sound(nowMs)])
      for (const message of flv.push(packet)) connection.send(message);
    lastMs = nowMs;
    dueMs += pictureMs;
    // A path that only drips makes no room before the end.
    await connection.room(backlogMs, untilOver).catch(() => either.throwIfAborted());
    onSent(Math.min(1, nowMs / durationMs));
    const waitMs = startMs + dueMs - performance.now();
    if (waitMs > 0)
      await setTimeout(waitMs, undefined, { signal: either }).catch(() => either.throwIfAborted());
    else dueMs = performance.now() - startMs;
  }
}

/** Doubles step by step until the warm-up is nearly over. @param share of the run, 0…1 */
function offeredKbps(share: number, mostKbps: number): number {
  const rise = Math.min(1, share / (warmUpShare * 0.75));
  return Math.min(mostKbps, firstKbps * (mostKbps / firstKbps) ** rise);
}
