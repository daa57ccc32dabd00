import { Copy, Cpu, Disc3, Info, Keyboard, Mic, MonitorSmartphone, Palette, SquarePlay } from 'lucide-react';
import type { ReactNode } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { Dialog } from '../../ui/dialog';
import { EncoderSettings } from '../encoder/encoder-settings';
import { MachineFacts } from '../machine/machine-facts';
import { HotkeyEditor } from '../hotkeys/hotkey-editor';
import { LanPreviewSettings } from '../lan-preview/lan-preview-settings';
import { VariantsSettings } from '../variants/variants-settings';
import { AppearanceSettings } from './appearance-settings';
import { AudioSettings } from './audio-settings';
import { RecordingSettings } from './recording-settings';
import { VideoSettings } from './video-settings';

interface Page {
  id: string;
  title: string;
  icon: ReactNode;
  content: ReactNode;
}

export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const pages: readonly Page[] = [
    { id: 'video', title: 'Stream', icon: <SquarePlay size={15} />, content: <VideoSettings /> },
    { id: 'variants', title: 'Variants', icon: <Copy size={15} />, content: <VariantsSettings /> },
    { id: 'encoder', title: 'Encoder', icon: <Cpu size={15} />, content: <EncoderSettings /> },
    { id: 'audio', title: 'Sound', icon: <Mic size={15} />, content: <AudioSettings /> },
    { id: 'recording', title: 'Recording', icon: <Disc3 size={15} />, content: <RecordingSettings /> },
    {
      ...{ id: 'network', title: 'Network preview', icon: <MonitorSmartphone size={15} /> },
      content: <LanPreviewSettings />,
    },
    { id: 'hotkeys', title: 'Hotkeys', icon: <Keyboard size={15} />, content: <HotkeyEditor /> },
    {
      ...{ id: 'appearance', title: 'Appearance', icon: <Palette size={15} /> },
      content: <AppearanceSettings onLeave={onClose} />,
    },
    { id: 'about', title: 'About', icon: <Info size={15} />, content: <MachineFacts /> },
  ];
  return (
    <Dialog title="Settings" isOpen isBroad onClose={onClose}>
      <Tabs orientation="vertical" className="settings-tabs">
        <TabList aria-label="Settings" className="settings-list">
          {pages.map(({ id, title, icon }) => (
            <Tab key={id} id={id} className="settings-tab">
              <span aria-hidden="true">{icon}</span>
              {title}
            </Tab>
          ))}
        </TabList>
        {pages.map(({ id, content }) => (
          <TabPanel key={id} id={id} className="settings-panel">
            {content}
          </TabPanel>
        ))}
      </Tabs>
    </Dialog>
  );
}
