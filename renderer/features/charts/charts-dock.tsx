import { ChartCard } from './chart-card';
import { chartSpecs } from './chart-specs';

export function ChartsDock() {
  return (
    <section aria-label="Statistics" className="chart-strip">
      {chartSpecs.map((spec) => (
        <ChartCard key={spec.title} spec={spec} />
      ))}
    </section>
  );
}
