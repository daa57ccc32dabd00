import type { CSSProperties } from 'react';
import {
  ConnectingPage,
  LostBanner,
  RefusedPage,
  UnreachablePage,
} from './features/connection/connection-pages';
import { ChartsDock } from './features/charts/charts-dock';
import { useStatsFeed } from './features/charts/stats-feed';
import { FirstRun } from './features/first-run/first-run';
import { useHotkeys } from './features/hotkeys/use-hotkeys';
import { ColumnResizer } from './features/layout/column-resizer';
import { useLayout } from './features/layout/use-layout';
import { SideColumn } from './features/layout/side-column';
import { StatusBar } from './features/layout/status-bar';
import { useTheme } from './features/layout/theme';
import { MixerDock } from './features/mixer/mixer-dock';
import { ScenesDock } from './features/scenes/scenes-dock';
import { SourcesDock } from './features/sources/sources-dock';
import { Toasts } from './features/toasts/toasts';
import { TopBar } from './features/top-bar/top-bar';
import { Stage } from './stage/stage';
import { useSlice, useStudioValue } from './studio-context';

/** Which page is due: the studio as soon as its state is known once, whatever the connection does later. */
export function App() {
  const connection = useStudioValue((state) => state.connection);
  const hasState = useStudioValue((state) => state.snapshot !== null);
  if (connection.state === 'refused') return <RefusedPage error={connection.error} />;
  if (!hasState) {
    return connection.state === 'lost' ? (
      <UnreachablePage retryAt={connection.retryAt} reason={connection.reason} />
    ) : (
      <ConnectingPage />
    );
  }
  return <StudioWindow />;
}

/** The whole window around a known state; offline it shows the last one. */
function StudioWindow() {
  const connection = useStudioValue((state) => state.connection);
  const layout = useLayout();
  useTheme(useSlice('settings').theme);
  useStatsFeed();
  const said = useHotkeys();
  const widths = {
    ...(layout.leftPx !== null && { '--left-width': `${layout.leftPx}px` }),
    ...(layout.rightPx !== null && { '--right-width': `${layout.rightPx}px` }),
  };
  return (
    <>
      <div className="shell" data-offline={connection.state !== 'open' || undefined}>
        <TopBar />
        <div className="workspace" style={widths as CSSProperties}>
          <aside aria-label="Scenes and sources" className="column-left">
            <ScenesDock />
            <SourcesDock />
            <ColumnResizer side="left" />
          </aside>
          <Stage />
          <SideColumn />
        </div>
        <div className="bottom-docks">
          {layout.isMixerOpen && <MixerDock />}
          {layout.isStatisticsOpen && <ChartsDock />}
        </div>
        <StatusBar />
      </div>
      {connection.state !== 'open' && (
        <LostBanner
          retryAt={connection.state === 'lost' ? connection.retryAt : null}
          reason={connection.state === 'lost' ? connection.reason : null}
        />
      )}
      <FirstRun />
      <Toasts />
      <p role="status" aria-label="Hotkey" className="sr-only">
        {said}
      </p>
    </>
  );
}
