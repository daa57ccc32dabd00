import {
  ConnectingPage,
  LostBanner,
  RefusedPage,
  UnreachablePage,
} from './features/connection/connection-pages';
import { ChartsDock } from './features/charts/charts-dock';
import { DestinationsDock } from './features/destinations/destinations-dock';
import { KeysDock } from './features/keys/keys-dock';
import { NoticesDock } from './features/notices/notices-dock';
import { ScenesDock } from './features/scenes/scenes-dock';
import { SourcesDock } from './features/sources/sources-dock';
import { Toasts } from './features/toasts/toasts';
import { TopBar } from './features/top-bar/top-bar';
import { Stage } from './stage/stage';
import { useStudioValue } from './studio-context';

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
  return (
    <>
      <div className="shell" data-offline={connection.state !== 'open' || undefined}>
        <TopBar />
        <div className="workspace">
          <div className="column-left">
            <ScenesDock />
            <SourcesDock />
          </div>
          <Stage />
          <div className="column-right">
            <NoticesDock />
            <DestinationsDock />
            <KeysDock />
          </div>
        </div>
        <ChartsDock />
      </div>
      {connection.state !== 'open' && (
        <LostBanner
          retryAt={connection.state === 'lost' ? connection.retryAt : null}
          reason={connection.state === 'lost' ? connection.reason : null}
        />
      )}
      <Toasts />
    </>
  );
}
