import uPlot from 'uplot';
import type { ChartMarks } from '../../store/chart-marks';
import type { StatsHistory } from '../../store/stats-history';
import { formatClock } from '../../ui/format';
import type { ChartSpec } from './chart-specs';

/** The shown time grows with what there is, so that the first minute is not a stroke at the edge. */
const windowsSec = [60, 120, 300] as const;
const shownWindowSec = (spanSec: number): number => windowsSec.find((window) => spanSec <= window) ?? 300;

/** of the width: so near to a mark the pointer means it */
const markReach = 0.015;

export interface PlotHover {
  time: string;
  /** one text per series of the spec */
  values: string[];
}

/** `1`, `1.5`, `250`: as short as the step allows */
const tickText = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));

/** `−4 min`, `−48 s` */
function agoText(endSec: number | undefined, atSec: number): string {
  const ago = Math.round((endSec ?? atSec) - atSec);
  return ago > 0 && ago % 60 === 0 ? `−${ago / 60} min` : `−${ago} s`;
}

/** A chart of the last five minutes that paints itself; `null` in `onHover` means that the pointer left. */
export function createPlot(
  host: HTMLElement,
  spec: ChartSpec,
  { history, marks }: { history: StatsHistory; marks: ChartMarks },
  onHover: (hover: PlotHover | null) => void,
): { update(): void; resize(): void; destroy(): void } {
  const style = getComputedStyle(host);
  const font = `10.5px ${style.fontFamily}`;
  const themed = (name: string): string => style.getPropertyValue(name).trim();
  const labelColor = themed('--color-mute');
  const gridColor = themed('--color-grid');
  const markColors = { planned: themed('--color-ice'), trouble: themed('--color-warn') };
  const data = (): uPlot.AlignedData =>
    [history.timesSec, ...spec.series.map(({ series }) => history.column(series))] as uPlot.AlignedData;

  const report = (plot: uPlot): void => {
    const index = plot.cursor.idx;
    const timeSec = index === null || index === undefined ? undefined : history.timesSec[index];
    if (index === null || index === undefined || timeSec === undefined) {
      onHover(null);
      return;
    }
    const { min = 0, max = 0 } = plot.scales['x'] ?? {};
    const mark = marks.near(timeSec, (max - min) * markReach);
    onHover({
      time: formatClock(timeSec * 1000) + (mark ? ` · ${mark.text}` : ''),
      values: spec.series.map(({ series, digits }) => history.column(series)[index]?.toFixed(digits) ?? '–'),
    });
  };

  /** Upright lines behind the curves, where an encoder took over or a destination reconnected. */
  const drawMarks = ({ ctx, bbox, scales, valToPos }: uPlot): void => {
    const { min = 0, max = 0 } = scales['x'] ?? {};
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    for (const { atSec, kind } of marks.marks) {
      if (atSec < min || atSec > max) continue;
      const x = Math.round(valToPos(atSec, 'x', true)) + 0.5;
      ctx.strokeStyle = markColors[kind];
      ctx.setLineDash(kind === 'planned' ? [3 * devicePixelRatio, 3 * devicePixelRatio] : []);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  };

  const plot = new uPlot(
    {
      width: Math.max(40, host.clientWidth),
      height: Math.max(40, host.clientHeight),
      legend: { show: false },
      padding: [6, 8, 0, 0],
      // One pointer reads all charts at the same moment.
      cursor: {
        sync: { key: 'stats' },
        y: false,
        drag: { x: false, y: false, setScale: false },
        points: { size: 6 },
      },
      scales: {
        x: {
          time: false,
          range: () => {
            const end = history.timesSec.at(-1) ?? Date.now() / 1000;
            return [end - shownWindowSec(end - (history.timesSec[0] ?? end)), end];
          },
        },
        y: {
          range: (_plot, _min, max) => [0, Math.max(spec.minTop, Number.isFinite(max) ? max * 1.12 : 0)],
        },
      },
      axes: [
        {
          stroke: labelColor,
          font,
          size: 21,
          gap: 5,
          grid: { stroke: gridColor, width: 1 },
          ticks: { show: false },
          splits: (_plot, _axis, min, max) => [0.8, 0.6, 0.4, 0.2].map((part) => max - part * (max - min)),
          values: (_plot, splits) =>
            splits.map((split, index) => (index % 2 === 0 ? agoText(history.timesSec.at(-1), split) : '')),
        },
        {
          stroke: labelColor,
          font,
          size: 34,
          gap: 4,
          space: 26,
          grid: { stroke: gridColor, width: 1 },
          ticks: { show: false },
          values: (_plot, splits) => splits.map(tickText),
        },
      ],
      series: [
        {},
        ...spec.series.map(({ color, isFilled }) => ({
          stroke: themed(color),
          width: 1.5,
          points: { show: false },
          ...(isFilled && { fill: `${themed(color)}1f` }),
        })),
      ],
      hooks: { setCursor: [report], drawAxes: [drawMarks] },
    },
    data(),
    host,
  );

  return {
    update() {
      plot.setData(data());
      if (plot.cursor.idx !== null && plot.cursor.idx !== undefined) report(plot);
    },
    resize() {
      if (host.clientWidth > 0 && host.clientHeight > 0)
        plot.setSize({ width: host.clientWidth, height: host.clientHeight });
    },
    destroy() {
      plot.destroy();
    },
  };
}
