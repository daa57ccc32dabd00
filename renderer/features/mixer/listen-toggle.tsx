import { Headphones } from 'lucide-react';
import { ToggleButton } from 'react-aria-components';
import { useStore } from 'zustand';
import { Hint } from '../../ui/button';
import { useIsOnline, useStudio } from '../../studio-context';
import { monitorOf } from '../../sound/monitor-player';

/** Hear the program in this window. */
export function ListenToggle() {
  const { client } = useStudio();
  const isOnline = useIsOnline();
  const player = monitorOf(client);
  const monitor = useStore(player.store);
  const isOn = monitor.state === 'on' || monitor.state === 'starting';
  return (
    <>
      {monitor.state === 'failed' && (
        <span role="status" className="truncate text-xs text-warn">
          This window cannot play sound: {monitor.reason}
        </span>
      )}
      <Hint text="Hear the program in this window. Use headphones: open microphones would hear it again">
        <ToggleButton
          isSelected={isOn}
          isDisabled={!isOnline && !isOn}
          className="listen-toggle"
          onChange={(wanted) => void (wanted ? player.start() : player.stop())}
        >
          <Headphones size={14} aria-hidden="true" />
          {isOn ? 'Listening' : 'Listen'}
        </ToggleButton>
      </Hint>
    </>
  );
}
