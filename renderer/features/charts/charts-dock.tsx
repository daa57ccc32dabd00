import { useEffect } from 'react';
import { useStudio } from '../../studio-context';
import { ChartCard } from './chart-card';
import { chartSpecs } from './chart-specs';

export function ChartsDock() {
  const { client, history } = useStudio();
  useEffect(
    () =>
      client.on('stats', (stats) => {
        history.push(stats);
      }),
    [client, history],
  );
  return (
    <section aria-label="Statistics" className="chart-strip">
      {chartSpecs.map((spec) => (
        <ChartCard key={spec.title} spec={spec} />
      ))}
    </section>
  );
}
