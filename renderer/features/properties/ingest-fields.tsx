import type { SourceSettingsOf } from '../../../shared/model/source';
import type { SourceView } from '../../../shared/contract/show';
import { NumberField } from '../../ui/number-field';
import { SelectField } from '../../ui/select-field';
import { StatusText } from '../../ui/status';
import { useSlice } from '../../studio-context';
import { ingestServerUrl } from '../keys/ingest-address';
import { useSourceEdits } from './use-edits';

export function IngestFields({
  source,
  settings,
}: {
  source: SourceView;
  settings: SourceSettingsOf<'ingest'>;
}) {
  const patch = useSourceEdits(source);
  const keys = useSlice('keys');
  const streams = useSlice('streams');
  const server = ingestServerUrl(useSlice('ingest'), location.hostname);
  const key = keys.find(({ id }) => id === settings.keyId);
  const isPublishing = streams.some(({ name }) => name === key?.publicName);
  return (
    <>
      <SelectField
        label="Stream key"
        value={settings.keyId}
        strayLabel="A key that was revoked"
        choices={keys.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(keyId) => patch({ keyId }, 'Key')}
      />
      <div className="flex flex-col gap-1 text-xs text-mute">
        {/* It is typed into the other encoder: all of it must be seen. */}
        <p className="[overflow-wrap:anywhere]">
          Publish to <span className="font-mono text-soft">{server}</span>
        </p>
        <StatusText tone={isPublishing ? 'good' : 'calm'}>
          {isPublishing ? 'Publishing' : 'Waiting for it'}
        </StatusText>
      </div>
      <NumberField
        label="Buffer against an uneven network"
        value={settings.bufferMs}
        least={0}
        most={5000}
        step={50}
        unit="ms"
        hint="More is steadier, less is sooner."
        onChange={(bufferMs, gesture) => patch({ bufferMs }, 'Buffer', gesture)}
      />
    </>
  );
}
