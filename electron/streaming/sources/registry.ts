import { isKnownSource } from '../../../shared/model/source';
import type {
  SourceKind,
  SourceSettings,
  SourceSettingsOf,
  UnknownSource as UnknownSettings,
} from '../../../shared/model/source';
import { BrowserCaptureSource } from './browser-capture-source';
import { CameraSource } from './camera-source';
import { ClockSource } from './clock-source';
import { ColorSource } from './color-source';
import { ImageSource } from './image-source';
import { IngestSource } from './ingest-source';
import { MediaSource } from './media-source';
import { ScreenSource } from './screen-source';
import { SoundDeviceSource } from './sound-device-source';
import type { SourceContext, StudioSource } from './source';
import { SyncSource } from './sync-source';
import { TextSource } from './text-source';
import { UnknownSource } from './unknown-source';

/** One row a kind: a kind without one does not compile. */
const makers: {
  [Kind in SourceKind]: (settings: SourceSettingsOf<Kind>, context: SourceContext) => StudioSource;
} = {
  image: (settings, context) => new ImageSource(settings, context),
  color: (settings, context) => new ColorSource(settings, context),
  text: (settings, context) => new TextSource(settings, context),
  clock: (settings, context) => new ClockSource(settings, context),
  media: (settings, context) => new MediaSource(settings, context),
  sync: (settings, context) => new SyncSource(settings, context),
  screen: (settings, context) => new ScreenSource(settings, context),
  camera: (settings, context) => new CameraSource(settings, context),
  microphone: (settings, context) => new SoundDeviceSource(settings, context),
  'desktop-sound': (settings, context) => new SoundDeviceSource(settings, context),
  'browser-capture': (settings, context) => new BrowserCaptureSource(settings, context),
  ingest: (settings, context) => new IngestSource(settings, context),
};

/**
 * Makes the source for these settings; does no I/O before `start`. A kind that is not known (or settings that do not
 * fit their kind) gives a stand-in in the state `failed`, so that nothing saved is lost.
 */
export function createSource(
  settings: SourceSettings | UnknownSettings,
  context: SourceContext,
): StudioSource {
  if (!isKnownSource(settings)) return new UnknownSource(settings, context);
  return (makers[settings.kind] as (settings: SourceSettings, context: SourceContext) => StudioSource)(
    settings,
    context,
  );
}
