import type { Stats } from '../../shared/contract/events';
import type { ProgramFrame } from '../streaming/interfaces/frame';
import type { LanStats } from '../../shared/contract/lan-preview';
import type { VideoPacket } from '../streaming/interfaces/packet';
import { Percentiles } from '../streaming/lib/percentiles';
import { Rate } from '../streaming/lib/rate';
import { TotalFollower } from '../streaming/metrics';
import type { Metrics } from '../streaming/metrics';
import { FrameTimes } from './frame-times';
import type { Usage, UsageByGroup } from './usage';
import { usageGroups } from './usage';

/** RTMP carries milliseconds; the publisher rounds the same way. */
const wireMs = (us: number): number => Math.round(us / 1000);

/** Totals that the stages count themselves. */
export interface Totals {
  readonly ticks: number;
  readonly composed: number;
  readonly lagged: number;
  readonly encoded: number;
  readonly skipped: number;
  readonly encoderQueue: number;
  /** per output name */
  readonly dropped: readonly { output: string; frames: number }[];
}

/** One size and rate of the program; `skipped` is a total. */
export interface RenditionTotals {
  readonly name: string;
  readonly fps: number;
  readonly kbps: number;
  readonly skipped: number;
}

export interface ServerTotals {
  readonly connections: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly activeStreams: number;
  readonly errors: Readonly<Record<string, number>>;
}

/** Where every number is gathered once: for the charts, `/metrics` and the summary. */
export class Statistics {
  readonly composeMs = new Percentiles();
  readonly rtmpMs = new Percentiles();
  readonly #metrics: Metrics;
  readonly #usage: Usage;
  readonly #times = new FrameTimes();
  readonly #composed = new Rate();
  // FFmpeg delivers in bursts; two seconds even them out.
  readonly #encoded = new Rate(2000);
  readonly #encodedBytes = new Rate(2000);
  readonly #nowUs: () => number;
  readonly #followers = new Map<string, TotalFollower>();
  #outputs: ReadonlySet<string> = new Set();
  #renditions: ReadonlySet<string> = new Set();
  #frameIndex = 0;
  #lastComposeMs = 0;
  #lastRtmpMs: number | null = null;
  #previous: { atMs: number; cpuMs: UsageByGroup } | null = null;

  constructor(metrics: Metrics, usage: Usage, nowUs: () => number) {
    this.#metrics = metrics;
    this.#usage = usage;
    this.#nowUs = nowUs;
  }

  frame(frame: ProgramFrame): void {
    this.#frameIndex = frame.index;
    this.#times.ticked(frame.index, frame.tickUs);
    // Nothing was composed: neither a repeated picture nor a missing one says how long composing takes.
    if (frame.isLagged || !frame.data) return;
    this.#composed.add(1, this.#nowMs());
    this.#lastComposeMs = frame.composeMs;
    this.composeMs.add(frame.composeMs);
    this.#metrics.composeTime.observe(frame.composeMs / 1000);
  }

  /** @param latencyMs frame tick → packet out of the encoder */
  encoded(packet: VideoPacket, latencyMs: number): void {
    const nowMs = this.#nowMs();
    this.#encoded.add(1, nowMs);
    this.#encodedBytes.add(packet.data.length, nowMs);
    this.#times.encoded(wireMs(packet.dtsUs), packet.frameIndex);
    this.#metrics.encodeTime.observe(latencyMs / 1000);
  }

  /** packets of the program as the RTMP server hands them to its players */
  fanout(batch: readonly { timestampMs: number; fanoutUs: number }[]): void {
    for (const { timestampMs, fanoutUs } of batch) {
      const tickUs = this.#times.tickUsOfTimestamp(timestampMs);
      if (tickUs === null) continue;
      this.#lastRtmpMs = (fanoutUs - tickUs) / 1000;
      this.rtmpMs.add(this.#lastRtmpMs);
      this.#metrics.pipelineTime.observe(this.#lastRtmpMs / 1000);
      this.#metrics.encoderRtmpLatency.set(this.#lastRtmpMs / 1000);
    }
  }

  /** a picture that was taken from the hub: by an output, or by what only holds it back or for later */
  taken(output: string, waitedMs: number): void {
    if (!this.#outputs.has(output)) return;
    this.#metrics.hubTime.observe({ output }, waitedMs / 1000);
  }

  server(totals: ServerTotals): void {
    const { rtmpConnections, rtmpActiveStreams, rtmpBandwidth, rtmpErrors } = this.#metrics;
    this.#follow('connections', totals.connections, (by) => rtmpConnections.inc(by));
    this.#follow('in', totals.bytesIn, (by) => rtmpBandwidth.inc({ direction: 'received' }, by));
    this.#follow('out', totals.bytesOut, (by) => rtmpBandwidth.inc({ direction: 'sent' }, by));
    for (const [kind, count] of Object.entries(totals.errors))
      this.#follow(`error:${kind}`, count, (by) => rtmpErrors.inc({ kind }, by));
    rtmpActiveStreams.set(totals.activeStreams);
  }

  /** The program and its variants that run now. */
  renditions(totals: readonly RenditionTotals[]): void {
    const { renditionFps, renditionBitrate, renditionSkippedFrames } = this.#metrics;
    const present = new Set(totals.map(({ name }) => name));
    for (const rendition of this.#renditions) {
      if (present.has(rendition)) continue;
      renditionFps.remove({ rendition });
      renditionBitrate.remove({ rendition });
      // The next run of it counts from zero.
      this.#followers.delete(`rendition:${rendition}`);
    }
    this.#renditions = present;
    for (const { name: rendition, fps, kbps, skipped } of totals) {
      renditionFps.set({ rendition }, fps);
      renditionBitrate.set({ rendition }, kbps * 1000);
      this.#follow(`rendition:${rendition}`, skipped, (by) => renditionSkippedFrames.inc({ rendition }, by));
    }
  }

  /** of the viewers in the local network */
  lanPreview({ viewers, bytesSent, refused }: LanStats): void {
    const { lanViewers, lanBytes, lanRefused } = this.#metrics;
    lanViewers.set(viewers);
    this.#follow('lan', bytesSent, (by) => lanBytes.inc(by));
    for (const [reason, times] of Object.entries(refused))
      this.#follow(`lan:${reason}`, times, (by) => lanRefused.inc({ reason }, by));
  }

  /** Reads everything once, moves the metrics, and says what the charts show. Called about twice a second. */
  async read(totals: Totals): Promise<Stats> {
    await this.#usage.sample();
    const nowMs = this.#nowMs();
    const cpuMs = this.#usage.cpuMs();
    const elapsedMs = this.#previous ? nowMs - this.#previous.atMs : 0;
    const percent = (group: keyof UsageByGroup): number =>
      this.#previous && elapsedMs > 0
        ? Math.max(0, ((cpuMs[group] - this.#previous.cpuMs[group]) / elapsedMs) * 100)
        : 0;
    const cpuPercent = { engine: 0, rtmp: 0, encoder: 0, sources: 0, total: percent('total') };
    for (const group of usageGroups) cpuPercent[group] = percent(group);
    this.#previous = { atMs: nowMs, cpuMs };

    const encoderFps = this.#encoded.perSecond(nowMs);
    const bitsPerSecond = this.#encodedBytes.perSecond(nowMs) * 8;
    this.#metrics.encoderFps.set(encoderFps);
    this.#metrics.encoderBitrate.set(bitsPerSecond);
    this.#metrics.encoderQueueSize.set(totals.encoderQueue);
    this.#follow('ticks', totals.ticks, (by) => this.#metrics.ticks.inc(by));
    this.#follow('lagged', totals.lagged, (by) => this.#metrics.laggedFrames.inc(by));
    this.#follow('skipped', totals.skipped, (by) => this.#metrics.encoderDroppedFrames.inc(by));
    this.#forgetGone(new Set(totals.dropped.map(({ output }) => output)));
    for (const { output, frames } of totals.dropped)
      this.#follow(`dropped:${output}`, frames, (by) => this.#metrics.droppedFrames.inc({ output }, by));

    return {
      at: Date.now(),
      frameIndex: this.#frameIndex,
      fps: this.#composed.perSecond(nowMs),
      encoderFps,
      bitrateKbps: bitsPerSecond / 1000,
      encoderQueue: totals.encoderQueue,
      lagged: totals.lagged,
      skipped: totals.skipped,
      dropped: totals.dropped.reduce((sum, { frames }) => sum + frames, 0),
      rtmpLatencyMs: this.#lastRtmpMs,
      composeMs: this.#lastComposeMs,
      cpuPercent,
      rssMb: this.#usage.engineRssMb,
    };
  }

  /** An output that was removed takes its label along. */
  #forgetGone(present: ReadonlySet<string>): void {
    for (const output of this.#outputs) {
      if (present.has(output)) continue;
      this.#metrics.droppedFrames.remove({ output });
      this.#metrics.hubTime.remove({ output });
      this.#followers.delete(`dropped:${output}`);
    }
    this.#outputs = present;
  }

  #follow(name: string, total: number, increase: (by: number) => void): void {
    let follower = this.#followers.get(name);
    if (!follower) this.#followers.set(name, (follower = new TotalFollower(increase)));
    follower.follow(total);
  }

  #nowMs(): number {
    return this.#nowUs() / 1000;
  }
}
