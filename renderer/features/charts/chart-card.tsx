import { useEffect, useRef } from 'react';
import { useStudio } from '../../studio-context';
import type { ChartSpec } from './chart-specs';
import { LiveNumber } from './live-number';
import { createPlot } from './plot';
import type { PlotHover } from './plot';

/** A chart with its numbers; hovering turns the numbers into those of that moment, without a render. */
export function ChartCard({ spec }: { spec: ChartSpec }) {
  const { history } = useStudio();
  const cardRef = useRef<HTMLElement>(null);
  const hostRef = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const host = hostRef.current;
    const card = cardRef.current;
    if (!host || !card) return;
    const time = card.querySelector<HTMLElement>('[data-hover-time]');
    const values = [...card.querySelectorAll<HTMLElement>('[data-hover-value]')];
    const showHover = (hover: PlotHover | null): void => {
      card.toggleAttribute('data-hovering', hover !== null);
      if (time) time.textContent = hover?.time ?? '';
      values.forEach((element, index) => {
        element.textContent = hover?.values[index] ?? '';
      });
    };
    const plot = createPlot(host, spec, history, showHover);
    const update = (): void => {
      if (!document.hidden) plot.update();
    };
    const stopListening = history.listen(update);
    document.addEventListener('visibilitychange', update);
    const observer = new ResizeObserver(() => {
      plot.resize();
    });
    observer.observe(host);
    return () => {
      stopListening();
      document.removeEventListener('visibilitychange', update);
      observer.disconnect();
      plot.destroy();
    };
  }, [history, spec]);

  return (
    <figure ref={cardRef} aria-label={spec.title} className="group min-w-0 px-3 pt-2 pb-1">
      <figcaption className="flex min-h-9 flex-wrap items-baseline gap-x-2 text-xs">
        <span className="font-semibold text-text">{spec.title}</span>
        <span className="text-mute group-data-[hovering]:hidden">{spec.unit}</span>
        <span data-hover-time className="text-ice" />
        <span className="flex w-full flex-wrap gap-x-2.5 overflow-hidden">
          {spec.series.map((series) => (
            <span key={series.series} className="flex items-baseline gap-1 whitespace-nowrap text-mute">
              <span
                aria-hidden="true"
                className="size-1.75 self-center rounded-full"
                style={{ background: series.color }}
              />
              <span>{series.name}</span>
              <span className="font-medium text-text group-data-[hovering]:hidden">
                <LiveNumber of={series.now} digits={series.digits} testId={series.testId} />
              </span>
              <span
                data-hover-value
                aria-hidden="true"
                className="hidden font-medium text-text group-data-[hovering]:inline"
              />
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={hostRef} className="chart-plot" aria-hidden="true" />
    </figure>
  );
}
