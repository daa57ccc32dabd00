import './theme.css';
import './controls.css';
import './dialogs.css';
import './layout.css';
import './charts.css';
import './mixer.css';
import { createRoot } from 'react-dom/client';
import { LiveEdits } from './actions/live-edits';
import { createStudioActions } from './actions/studio-actions';
import { App } from './app';
import { Captures } from './capture/captures';
import { captureUrl, engineUrl, takeAccessToken } from './client/access-token';
import { DeviceLookout } from './client/device-lookout';
import { EngineClient } from './client/engine-client';
import { EngineFiles } from './client/engine-files';
import { StageEditor } from './editor/stage-editor';
import { askBeforeLeaving } from './ask-before-leaving';
import { tellDesktop } from './desktop-bridge';
import { TokenMissingPage } from './features/connection/connection-pages';
import { loadInterfaceFont } from './font';
import { ChartMarks } from './store/chart-marks';
import { StatsHistory } from './store/stats-history';
import { createSelectionStore } from './store/selection-store';
import { createStudioStore } from './store/studio-store';
import { StudioProvider } from './studio-context';

const container = document.getElementById('root');
if (!container) throw new Error('index.html has no #root');
const root = createRoot(container);

const token = takeAccessToken();
// A new link pasted into an open tab changes the fragment only.
addEventListener('hashchange', () => {
  location.reload();
});

if (token === null) {
  root.render(<TokenMissingPage />);
} else {
  const store = createStudioStore();
  const selection = createSelectionStore();
  // What was removed, here or in another window, is not selected any more.
  store.subscribe(({ snapshot }) => {
    if (!snapshot) return;
    const items = snapshot.scenes.find(({ id }) => id === snapshot.program.sceneId)?.items ?? [];
    selection.keepOnly(new Set(items.map(({ id }) => id)), new Set(snapshot.sources.map(({ id }) => id)));
  });
  const client = new EngineClient(
    { url: engineUrl(), token },
    {
      connection: store.setConnection,
      snapshot: store.setSnapshot,
      slice: store.setSlice,
      protocolError: (reason) => {
        console.warn(`left out a message from the engine: ${reason}`);
      },
    },
  );
  const actions = createStudioActions(client, store);
  const marks = new ChartMarks();
  marks.follow(store);
  const studio = {
    client,
    deviceLookout: new DeviceLookout(client),
    store,
    actions,
    liveEdits: new LiveEdits(actions.tryEdit),
    files: new EngineFiles(token),
    captures: new Captures({ store, url: captureUrl(), token, storage: localStorage }),
    editor: new StageEditor({ store, selection, edit: actions.edit }),
    history: new StatsHistory(),
    marks,
    selection,
  };
  tellDesktop(store);
  askBeforeLeaving(store);
  client.connect();
  // The network came back, the laptop woke up: no need to wait for the back-off.
  addEventListener('online', () => {
    client.connect();
  });
  root.render(
    <StudioProvider value={studio}>
      <App />
    </StudioProvider>,
  );
}

void loadInterfaceFont();
