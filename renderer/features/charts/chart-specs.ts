import type { Stats } from '../../../shared/contract/events';
import type { HistorySeries } from '../../store/stats-history';

export interface SeriesSpec {
  series: HistorySeries;
  name: string;
  /** a colour of the theme: `--color-ice` */
  color: `--color-${string}`;
  digits: number;
  /** what stands beside the name while nothing is hovered; counters show their total, the line their rate */
  now: (stats: Stats) => number | null;
  testId: string;
  isFilled?: boolean;
  /** its number stands large beside the title */
  isHeadline?: boolean;
}

export interface ChartSpec {
  title: string;
  unit: string;
  /** the scale always reaches at least this, so that noise is not blown up */
  minTop: number;
  series: readonly SeriesSpec[];
}

const ice = '--color-ice';
const good = '--color-good';
const warn = '--color-warn';
const air = '--color-air';
const plum = '--color-plum';
const pale = '--color-text';

export const chartSpecs: readonly ChartSpec[] = [
  {
    title: 'Frame rate',
    unit: 'fps',
    minTop: 30,
    series: [
      {
        series: 'fps',
        name: 'Program',
        color: ice,
        digits: 1,
        now: (s) => s.fps,
        testId: 'stat-fps',
        isHeadline: true,
      },
      {
        series: 'encoderFps',
        name: 'Encoder',
        color: good,
        digits: 1,
        now: (s) => s.encoderFps,
        testId: 'stat-encoder-fps',
      },
    ],
  },
  {
    title: 'Bitrate',
    unit: 'Mbit/s',
    minTop: 1,
    series: [
      {
        series: 'bitrateMbps',
        name: 'Encoded',
        color: ice,
        digits: 2,
        now: (s) => s.bitrateKbps / 1000,
        testId: 'stat-bitrate',
        isHeadline: true,
        isFilled: true,
      },
    ],
  },
  {
    title: 'Encoder queue',
    unit: 'frames',
    minTop: 10,
    series: [
      {
        series: 'encoderQueue',
        name: 'Waiting',
        color: plum,
        digits: 0,
        now: (s) => s.encoderQueue,
        testId: 'stat-encoder-queue',
        isHeadline: true,
        isFilled: true,
      },
    ],
  },
  {
    title: 'Missed frames',
    unit: 'per s',
    minTop: 4,
    series: [
      {
        series: 'laggedPerSec',
        name: 'Lagged',
        color: warn,
        digits: 0,
        now: (s) => s.lagged,
        testId: 'stat-lagged',
      },
      {
        series: 'skippedPerSec',
        name: 'Skipped',
        color: plum,
        digits: 0,
        now: (s) => s.skipped,
        testId: 'stat-skipped',
      },
      {
        series: 'droppedPerSec',
        name: 'Dropped',
        color: air,
        digits: 0,
        now: (s) => s.dropped,
        testId: 'stat-dropped',
      },
    ],
  },
  {
    title: 'RTMP latency',
    unit: 'ms',
    minTop: 200,
    series: [
      {
        series: 'rtmpLatencyMs',
        name: 'Tick to server',
        color: good,
        digits: 0,
        now: (s) => s.rtmpLatencyMs,
        testId: 'stat-rtmp-latency',
        isHeadline: true,
        isFilled: true,
      },
    ],
  },
  {
    title: 'CPU',
    unit: '%',
    minTop: 100,
    series: [
      {
        series: 'cpuTotal',
        name: 'All',
        color: pale,
        digits: 0,
        now: (s) => s.cpuPercent.total,
        testId: 'stat-cpu-total',
        isHeadline: true,
      },
      {
        series: 'cpuEncoder',
        name: 'Encoder',
        color: good,
        digits: 0,
        now: (s) => s.cpuPercent.encoder,
        testId: 'stat-cpu-encoder',
      },
      {
        series: 'cpuEngine',
        name: 'Engine',
        color: ice,
        digits: 0,
        now: (s) => s.cpuPercent.engine,
        testId: 'stat-cpu-engine',
      },
      {
        series: 'cpuSources',
        name: 'Sources',
        color: warn,
        digits: 0,
        now: (s) => s.cpuPercent.sources,
        testId: 'stat-cpu-sources',
      },
      {
        series: 'cpuRtmp',
        name: 'RTMP',
        color: plum,
        digits: 0,
        now: (s) => s.cpuPercent.rtmp,
        testId: 'stat-cpu-rtmp',
      },
    ],
  },
];
