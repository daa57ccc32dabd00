import { ChartLine, SlidersVertical } from 'lucide-react';
import type { ReactNode } from 'react';
import { ToggleButton } from 'react-aria-components';
import { useSlice } from '../../studio-context';
import { layoutStore, useLayout } from './use-layout';

/** The lowest line of the window: which docks are open, and what everything runs on. */
export function StatusBar() {
  const layout = useLayout();
  const engine = useSlice('engine');
  return (
    <footer aria-label="Docks" className="status-bar">
      <DockToggle
        label="Mixer"
        icon={<SlidersVertical size={13} aria-hidden="true" />}
        isOpen={layout.isMixerOpen}
        onChange={(isMixerOpen) => {
          layoutStore.change({ isMixerOpen });
        }}
      />
      <DockToggle
        label="Statistics"
        icon={<ChartLine size={13} aria-hidden="true" />}
        isOpen={layout.isStatisticsOpen}
        onChange={(isStatisticsOpen) => {
          layoutStore.change({ isStatisticsOpen });
        }}
      />
      <span className="ml-auto truncate text-2xs text-mute">Version {engine.version}</span>
    </footer>
  );
}

interface DockToggleProps {
  label: string;
  icon: ReactNode;
  isOpen: boolean;
  onChange: (isOpen: boolean) => void;
}

function DockToggle({ label, icon, isOpen, onChange }: DockToggleProps) {
  return (
    <ToggleButton isSelected={isOpen} onChange={onChange} className="status-toggle">
      {icon}
      {label}
    </ToggleButton>
  );
}
