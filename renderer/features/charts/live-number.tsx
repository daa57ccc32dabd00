import { useEffect, useRef } from 'react';
import type { Stats } from '../../../shared/contract/events';
import { useStudio } from '../../studio-context';
import { formatCount } from '../../ui/format';

interface LiveNumberProps {
  of: (stats: Stats) => number | null;
  digits: number;
  unit?: string;
  testId: string;
}

/** One number of the stats, written into its element with each reading; it never renders again. */
export function LiveNumber({ of, digits, unit, testId }: LiveNumberProps) {
  const { history } = useStudio();
  const elementRef = useRef<HTMLSpanElement>(null);
  const ofRef = useRef(of);
  useEffect(() => {
    ofRef.current = of;
  });
  useEffect(() => {
    const write = (): void => {
      const stats = history.latest;
      const value = stats ? ofRef.current(stats) : null;
      const text = value === null ? '–' : digits === 0 ? formatCount(value) : value.toFixed(digits);
      if (elementRef.current && elementRef.current.textContent !== text)
        elementRef.current.textContent = text;
    };
    write();
    return history.listen(write);
  }, [history, digits]);
  return (
    <>
      <span ref={elementRef} data-testid={testId} />
      {unit !== undefined && <span className="ml-0.75 text-xs font-normal text-mute">{unit}</span>}
    </>
  );
}
