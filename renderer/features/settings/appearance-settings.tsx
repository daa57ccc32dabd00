import { Button } from '../../ui/button';
import { SegmentedField } from '../../ui/segmented-field';
import { useActions, useIsOnline, useSlice } from '../../studio-context';

export function AppearanceSettings({ onLeave }: { onLeave: () => void }) {
  const { theme } = useSlice('settings');
  const isOnline = useIsOnline();
  const { updateSettings } = useActions();
  return (
    <div className="flex flex-col gap-6">
      <SegmentedField
        label="Theme"
        value={theme}
        choices={[
          { value: 'dark', label: 'Dark' },
          { value: 'light', label: 'Light' },
          { value: 'system', label: 'As the system' },
        ]}
        isDisabled={!isOnline}
        onChange={(chosen) => updateSettings({ theme: chosen })}
      />
      <section aria-label="First steps" className="flex flex-col items-start gap-2">
        <p className="text-sm text-mute">
          The three first steps set up a scene, a microphone and a destination. They can be taken again at any
          time; nothing you have is touched.
        </p>
        <Button
          isDisabled={!isOnline}
          onPress={async () => {
            await updateSettings({ isFirstRunDone: false });
            onLeave();
          }}
        >
          Take the first steps again
        </Button>
      </section>
    </div>
  );
}
