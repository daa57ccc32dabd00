import type { SourceSettingsOf } from '../../../shared/model/source';
import type { SourceView } from '../../../shared/contract/show';
import { SwitchField } from '../../ui/switch-field';
import { useSourceEdits } from './use-edits';

export function CaptureFields({
  source,
  settings,
}: {
  source: SourceView;
  settings: SourceSettingsOf<'browser-capture'>;
}) {
  const patch = useSourceEdits(source);
  return (
    <>
      {settings.deviceName !== '' && <p className="truncate text-sm text-soft">{settings.deviceName}</p>}
      {settings.capture !== 'microphone' && (
        <SwitchField
          label="With its sound"
          isOn={settings.hasSound}
          onChange={(hasSound) => patch({ hasSound }, 'Sound')}
        />
      )}
    </>
  );
}
