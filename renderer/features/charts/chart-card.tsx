import { useEffect, useRef } from 'react';
import { useStudio } from '../../studio-context';
import type { ChartSpec, SeriesSpec } from './chart-specs';
import { LiveNumber } from './live-number';
import { createPlot } from './plot';
import type { PlotHover } from './plot';

/** A chart with its numbers; hovering turns the numbers into those of that moment, without a render. */
export function ChartCard({ spec }: { spec: ChartSpec }) {
  const { history, marks } = useStudio();
  const cardRef = useRef<HTMLElement>(null);
  const hostRef = useRef<HTMLDivElement>(null);
  const headline = spec.series.find(({ isHeadline }) => isHeadline);

  useEffect(() => {
    const host = hostRef.current;
    const card = cardRef.current;
    if (!host || !card) return;
    const time = card.querySelector<HTMLElement>('[data-hover-time]');
    const values = spec.series.map(({ series }) =>
      card.querySelector<HTMLElement>(`[data-hover-value=${series}]`),
    );
    const showHover = (hover: PlotHover | null): void => {
      card.toggleAttribute('data-hovering', hover !== null);
      if (time) time.textContent = hover?.time ?? '';
      values.forEach((element, index) => {
        if (element) element.textContent = hover?.values[index] ?? '';
      });
    };
    let plot = createPlot(host, spec, { history, marks }, showHover);
    // A canvas knows no style sheet: another theme is another plot.
    const themes = new MutationObserver(() => {
      plot.destroy();
      plot = createPlot(host, spec, { history, marks }, showHover);
    });
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    // Readings that arrive together (after a hidden tab, a busy moment) are one redraw.
    let request = 0;
    const update = (): void => {
      if (document.hidden || request !== 0) return;
      request = requestAnimationFrame(() => {
        request = 0;
        plot.update();
      });
    };
    const stopListening = history.listen(update);
    document.addEventListener('visibilitychange', update);
    const observer = new ResizeObserver(() => {
      plot.resize();
    });
    observer.observe(host);
    return () => {
      stopListening();
      cancelAnimationFrame(request);
      document.removeEventListener('visibilitychange', update);
      observer.disconnect();
      themes.disconnect();
      plot.destroy();
    };
  }, [history, marks, spec]);

  return (
    <figure
      ref={cardRef}
      aria-label={spec.title}
      className="chart-card group flex min-w-0 flex-col px-3 pt-2 pb-1"
    >
      <figcaption className="text-xs">
        <span className="flex h-5.5 items-center gap-2">
          <span className="font-semibold text-soft">{spec.title}</span>
          <span data-hover-time className="text-ice" />
          <span className="ml-auto flex items-baseline gap-1 whitespace-nowrap">
            {headline && <SeriesMark spec={headline} />}
            {headline && <SeriesValue spec={headline} className="text-lg font-semibold text-text" />}
            <span className="text-mute">{spec.unit}</span>
          </span>
        </span>
        <span className="flex min-h-4 flex-wrap gap-x-2 text-2xs min-[1440px]:text-xs">
          {spec.series
            .filter((series) => series !== headline)
            .map((series) => (
              <span key={series.series} className="flex items-baseline gap-1 whitespace-nowrap text-mute">
                <SeriesMark spec={series} />
                <span>{series.name}</span>
                <SeriesValue spec={series} className="font-medium text-text" />
              </span>
            ))}
        </span>
      </figcaption>
      <div ref={hostRef} className="chart-plot" aria-hidden="true" />
    </figure>
  );
}

function SeriesMark({ spec }: { spec: SeriesSpec }) {
  return (
    <span
      title={spec.name}
      className="size-1.75 shrink-0 self-center rounded-full"
      style={{ background: `var(${spec.color})` }}
    />
  );
}

/** The live value, and the one under the pointer while there is one. */
function SeriesValue({ spec, className }: { spec: SeriesSpec; className: string }) {
  return (
    <span className={className}>
      <span className="group-data-[hovering]:hidden">
        <LiveNumber of={spec.now} digits={spec.digits} testId={spec.testId} />
      </span>
      <span
        data-hover-value={spec.series}
        aria-hidden="true"
        className="hidden group-data-[hovering]:inline"
      />
    </span>
  );
}
