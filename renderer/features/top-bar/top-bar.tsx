import { Circle, Radio, Square } from 'lucide-react';
import { useCallback, useSyncExternalStore } from 'react';
import { LiveNumber } from '../charts/live-number';
import { SettingsButton } from '../settings/settings-button';
import { ShowMenu } from '../show-menu/show-menu';
import { Button, Hint } from '../../ui/button';
import { fileName, formatBytes, formatTimer } from '../../ui/format';
import { StatusText } from '../../ui/status';
import { useActions, useIsOnline, useSecondsSince, useSlice, useStudio } from '../../studio-context';
import { engineHealth } from './engine-health';
import { liveSummary } from './live-summary';
import { overloadOf } from './overload';
import type { Overload } from './overload';

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

function Timer({ label, since }: { label: string; since: number }) {
  const seconds = useSecondsSince(since);
  return (
    <span role="timer" aria-label={label} className="font-semibold tabular-nums">
      {formatTimer(seconds * 1000)}
    </span>
  );
}

function LiveControl() {
  const { startLive, stopLive } = useActions();
  const isOnline = useIsOnline();
  const live = useSlice('live');
  const summary = liveSummary(live.isLive, useSlice('outputs'), isOnline);
  if (!live.isLive) {
    return (
      <Button look="air" isLarge data-hotkey="live" isDisabled={!isOnline} onPress={startLive}>
        <Radio size={16} aria-hidden="true" />
        Go live
      </Button>
    );
  }
  return (
    <>
      <div role="status" aria-label="Live" data-testid="live-state" className="flex items-center gap-2 px-1">
        <StatusText tone={summary.tone} isBusy={summary.isBusy}>
          <span className="font-semibold tracking-wide">{summary.text}</span>
        </StatusText>
        {live.since !== null && <Timer label="Time live" since={live.since} />}
      </div>
      <Button look="stop" isLarge data-hotkey="live" isDisabled={!isOnline} onPress={stopLive}>
        <Square size={13} fill="currentColor" aria-hidden="true" />
        Stop live
      </Button>
    </>
  );
}

function RecordControl() {
  const { startRecording, stopRecording } = useActions();
  const isOnline = useIsOnline();
  const recording = useSlice('recording');
  if (recording.state === 'recording' || recording.state === 'stopping') {
    return (
      <>
        <div className="flex min-w-0 items-center gap-2 text-xs text-soft" data-testid="recording-state">
          <span aria-hidden="true" className="pulse size-2 rounded-full bg-air" />
          {recording.since !== null && <Timer label="Time recorded" since={recording.since} />}
          <span className="text-mute max-[1199px]:hidden">{formatBytes(recording.bytes)}</span>
          {recording.path !== null && (
            <span
              className="max-w-44 truncate text-mute max-[1599px]:hidden"
              title={recording.path}
              data-testid="recording-path"
            >
              {fileName(recording.path)}
            </span>
          )}
        </div>
        <Hint text={recording.path ?? 'Recording'}>
          <Button isLarge isDisabled={!isOnline || recording.state === 'stopping'} onPress={stopRecording}>
            <Square size={13} fill="currentColor" aria-hidden="true" />
            {recording.state === 'stopping' ? 'Finishing…' : 'Stop recording'}
          </Button>
        </Hint>
      </>
    );
  }
  return (
    <Button isLarge isDisabled={!isOnline} onPress={startRecording}>
      <Circle size={13} className="text-air" fill="currentColor" aria-hidden="true" />
      Record
    </Button>
  );
}
