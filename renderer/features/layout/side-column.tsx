import { useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { liveSummary } from '../top-bar/live-summary';
import { DestinationsDock } from '../destinations/destinations-dock';
import { KeysDock } from '../keys/keys-dock';
import { NoticesDock } from '../notices/notices-dock';
import { PropertiesPanel } from '../properties/properties-panel';
import { ColumnResizer } from './column-resizer';
import { StatusDot } from '../../ui/status';
import { useSelection, useSlice } from '../../studio-context';

type Page = 'properties' | 'channel';

/** What is wrong always stands on top; below it what is selected, or where the show goes. */
export function SideColumn() {
  const selectionKey = useSelection(({ itemIds, sourceId }) => [...itemIds, sourceId ?? ''].join(' ').trim());
  const [chosen, setChosen] = useState<{ selectionKey: string; page: Page } | null>(null);
  // What is selected is what one wants to change; a tab that was pressed holds until something else is selected.
  const suiting: Page = selectionKey === '' ? 'channel' : 'properties';
  const page = chosen?.selectionKey === selectionKey ? chosen.page : suiting;
  const live = liveSummary(useSlice('live').isLive, useSlice('outputs'));
  return (
    <aside aria-label="Properties and channel" className="column-right flex flex-col">
      <ColumnResizer side="right" />
      <NoticesDock />
      <Tabs
        selectedKey={page}
        onSelectionChange={(key) => {
          setChosen({ selectionKey, page: key === 'properties' ? 'properties' : 'channel' });
        }}
        className="flex min-h-0 flex-1 flex-col"
      >
        <TabList aria-label="Right column" className="tab-list">
          <Tab id="properties" className="tab">
            Properties
          </Tab>
          <Tab id="channel" className="tab">
            Channel
            {live.tone !== 'calm' && <StatusDot tone={live.tone} isBusy={live.isBusy} />}
          </Tab>
        </TabList>
        <TabPanel id="properties" className="tab-panel">
          <PropertiesPanel />
        </TabPanel>
        <TabPanel id="channel" className="tab-panel">
          <DestinationsDock />
          <KeysDock />
        </TabPanel>
      </Tabs>
    </aside>
  );
}
