import { useCallback, useSyncExternalStore } from 'react';
import { LiveNumber } from '../charts/live-number';
import { SettingsButton } from '../settings/settings-button';
import { ShowMenu } from '../show-menu/show-menu';
import { StatusText } from '../../ui/status';
import { useIsOnline, useSlice, useStudio } from '../../studio-context';
import { engineHealth } from './engine-health';
import { LiveControl } from './live-control';
import { overloadOf } from './overload';
import type { Overload } from './overload';
import { RecordControl } from './record-control';

export function TopBar() {
  return (
    <header className="top-bar flex min-w-0 items-center gap-x-4 bg-panel px-3.5">
      <h1 className="flex shrink-0 items-center gap-2 text-base font-semibold">
        <img src="./icon.svg" alt="" width={24} height={24} />
        <span className="sr-only">Stream Manager Studio</span>
      </h1>
      <ShowMenu />
      <Health />
      <dl className="flex shrink-0 items-center gap-4 text-xs text-mute max-[1023px]:hidden">
        <Gauge name="CPU" title="CPU of all processes of the studio; 100 % is one core">
          <LiveNumber testId="stat-cpu" of={(stats) => stats.cpuPercent.total} digits={0} unit="%" />
        </Gauge>
        <Gauge name="Memory" title="Resident memory of the engine" isOptional>
          <LiveNumber testId="stat-memory" of={(stats) => stats.rssMb} digits={0} unit="MB" />
        </Gauge>
        <Gauge name="Latency" title="From a frame's tick to its packet at the RTMP server" isOptional>
          <LiveNumber testId="stat-latency" of={(stats) => stats.rtmpLatencyMs} digits={0} unit="ms" />
        </Gauge>
      </dl>
      <div className="flex shrink-0 items-center gap-2">
        <RecordControl />
        <LiveControl />
        <SettingsButton />
      </div>
    </header>
  );
}

interface GaugeProps {
  name: string;
  title: string;
  isOptional?: boolean;
  children: React.ReactNode;
}

function Gauge({ name, title, isOptional = false, children }: GaugeProps) {
  return (
    <div title={title} className={`flex items-baseline gap-1.5 ${isOptional ? 'max-[1499px]:hidden' : ''}`}>
      <dt>{name}</dt>
      <dd className="text-sm font-medium text-text">{children}</dd>
    </div>
  );
}

/** Renders when it begins and when it is over, not with each reading. */
function useOverload(fps: number): Overload {
  const { history } = useStudio();
  const listen = useCallback((listener: () => void) => history.listen(listener), [history]);
  return useSyncExternalStore(listen, () => overloadOf(history, fps));
}

function Health() {
  const program = useSlice('program');
  const health = engineHealth(useSlice('engine'), program, useIsOnline(), useOverload(program.fps));
  return (
    <div
      role="status"
      aria-label="Engine"
      className="flex min-w-0 flex-1 overflow-hidden"
      title={[health.text, health.remedy].filter(Boolean).join('. ')}
    >
      <StatusText tone={health.tone} isBusy={health.isBusy}>
        {health.text}
      </StatusText>
    </div>
  );
}
