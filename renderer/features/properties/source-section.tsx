import { memo } from 'react';
import { isKnownSource } from '../../../shared/model/source';
import type { SourceSettings } from '../../../shared/model/source';
import type { SourceView } from '../../../shared/contract/show';
import { editLabel } from '../../actions/edit-label';
import { DraftTextField } from '../../ui/draft-text-field';
import { ErrorNote } from '../../ui/error-note';
import { useStudio } from '../../studio-context';
import { BrowserCapturePanel } from '../capture/browser-capture-panel';
import { sourceKind } from '../sources/source-kinds';
import { CameraFields, ScreenFields, SoundDeviceFields } from './device-fields';
import { ColorSourceFields, ImageFields } from './picture-fields';
import { IngestFields } from './ingest-fields';
import { MediaFields } from './media-fields';
import { Section } from './section';
import { ClockFields, TextFields } from './text-fields';

/** The source itself: its name, what is wrong with it, and the settings of its kind. */
export const SourceSection = memo(function SourceSection({ source }: { source: SourceView }) {
  const { liveEdits } = useStudio();
  const kind = sourceKind(source.kind);
  return (
    <div className="border-b border-line">
      <div className="flex flex-col gap-2.5 px-3.5 pt-3 pb-3">
        <div className="flex items-end gap-2.5">
          <span
            className="grid size-7.5 shrink-0 place-items-center rounded-md bg-raised text-soft"
            title={kind.label}
          >
            <kind.Icon size={16} aria-hidden="true" />
          </span>
          <DraftTextField
            label={`Name (${kind.label})`}
            className="flex-1"
            value={source.name}
            mostLength={200}
            onChange={(name, gesture) =>
              liveEdits.send(
                [{ type: 'source.rename', sourceId: source.id, name: name.trim() }],
                editLabel(`Name of ${name}`),
                gesture,
              )
            }
          />
        </div>
        {source.error && <ErrorNote error={source.error} tone={source.state === 'failed' ? 'air' : 'warn'} />}
      </div>
      {isKnownSource(source.settings) && <KindSection source={source} settings={source.settings} />}
    </div>
  );
});

/** A kind without settings of its own has no section. */
function KindSection({ source, settings }: { source: SourceView; settings: SourceSettings }) {
  const fields = kindFields(source, settings);
  return fields && <Section title={sectionTitle(settings)}>{fields}</Section>;
}

function sectionTitle({ kind }: SourceSettings): string {
  const { label } = sourceKind(kind);
  return label.charAt(0).toUpperCase() + label.slice(1);
}

function kindFields(source: SourceView, settings: SourceSettings) {
  switch (settings.kind) {
    case 'text':
      return <TextFields source={source} settings={settings} />;
    case 'clock':
      return <ClockFields source={source} settings={settings} />;
    case 'image':
      return <ImageFields source={source} settings={settings} />;
    case 'color':
      return <ColorSourceFields source={source} settings={settings} />;
    case 'media':
      return <MediaFields source={source} settings={settings} />;
    case 'screen':
      return <ScreenFields source={source} settings={settings} />;
    case 'camera':
      return <CameraFields source={source} settings={settings} />;
    case 'microphone':
    case 'desktop-sound':
      return <SoundDeviceFields source={source} settings={settings} />;
    case 'browser-capture':
      return <BrowserCapturePanel source={source} />;
    case 'ingest':
      return <IngestFields source={source} settings={settings} />;
    case 'sync':
      return null;
  }
}
