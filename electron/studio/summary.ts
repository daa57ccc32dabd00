import type { Percentiles } from '../streaming/lib/percentiles';
import type { ProgramHost } from './program-host';
import type { Statistics } from './statistics';
import type { Usage, UsageByGroup } from './usage';
import type { RecordingSummary } from './recording-line';
import type { OutputView } from '../../shared/contract/snapshot';

/** milliseconds; null when there was nothing to measure */
interface Spread {
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p99: number | null;
}

/** What a run amounted to; written as JSON by `--summary`. `composed + lagged = ticks`. */
export interface RunSummary {
  readonly durationSec: number;
  readonly size: string;
  readonly fps: number;
  readonly encoder: string;
  readonly profile: string;
  readonly frames: { ticks: number; composed: number; lagged: number; encoded: number; skipped: number };
  /** CPU milliseconds per tick, from the first tick to the last, by process group */
  readonly cpuMsPerFrame: UsageByGroup;
  /** encoded frames per second of wall time */
  readonly encoderFps: number;
  readonly bitrateKbps: number;
  readonly latencyMs: { compose: Spread; rtmp: Spread };
  readonly rssMb: number;
  readonly outputs: {
    id: string;
    name: string;
    state: string;
    bytes: number;
    droppedFrames: number;
    reconnects: number;
  }[];
  readonly recording: RecordingSummary | null;
}

interface RunFigures {
  readonly wallSec: number;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly encoder: string;
  readonly profile: string;
  readonly frames: RunSummary['frames'];
  readonly cpuMs: UsageByGroup;
  readonly videoBytes: number;
  readonly composeMs: Percentiles;
  readonly rtmpMs: Percentiles;
  readonly rssMb: number;
  readonly outputs: readonly OutputView[];
  readonly recording: RecordingSummary | null;
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

function summarise(run: RunFigures): RunSummary {
  const ticks = Math.max(1, run.frames.ticks);
  const perFrame = (cpuMs: number): number => round(cpuMs / ticks, 3);
  const programSec = run.frames.ticks / run.fps;
  const spread = (durations: Percentiles): Spread => ({
    mean: durations.mean === null ? null : round(durations.mean, 3),
    p50: durations.quantile(0.5),
    p99: durations.quantile(0.99),
  });
  return {
    durationSec: round(programSec, 3),
    size: `${run.width}x${run.height}`,
    fps: run.fps,
    encoder: run.encoder,
    profile: run.profile,
    frames: run.frames,
    cpuMsPerFrame: {
      engine: perFrame(run.cpuMs.engine),
      rtmp: perFrame(run.cpuMs.rtmp),
      encoder: perFrame(run.cpuMs.encoder),
      sources: perFrame(run.cpuMs.sources),
      total: perFrame(run.cpuMs.total),
    },
    encoderFps: round(run.wallSec > 0 ? run.frames.encoded / run.wallSec : 0, 2),
    bitrateKbps: round(programSec > 0 ? (run.videoBytes * 8) / 1000 / programSec : 0, 1),
    latencyMs: { compose: spread(run.composeMs), rtmp: spread(run.rtmpMs) },
    rssMb: round(run.rssMb, 1),
    outputs: run.outputs.map(({ id, name, status, bytes, droppedFrames, reconnects }) => ({
      id,
      name,
      state: status.state,
      bytes,
      droppedFrames,
      reconnects,
    })),
    recording: run.recording,
  };
}

/** The whole run, whatever programs followed one another in it. */
export function summariseRun(
  { host, statistics, usage }: { host: ProgramHost; statistics: Statistics; usage: Usage },
  end: Pick<RunFigures, 'wallSec' | 'outputs' | 'recording'>,
): RunSummary {
  const { canvas, fps } = host.format;
  const { profile } = host.choice;
  const { videoBytes, ...frames } = host.totals;
  return summarise({
    ...end,
    ...canvas,
    ...{ fps, videoBytes, frames },
    ...{ encoder: profile.encoder, profile: profile.name },
    cpuMs: usage.cpuMs(),
    composeMs: statistics.composeMs,
    rtmpMs: statistics.rtmpMs,
    rssMb: usage.engineRssMb,
  });
}
