import { CircleStop, MonitorUp, RefreshCw, Video, Volume2 } from 'lucide-react';
import type { Snapshot } from '../../../shared/contract/snapshot';
import { isKnownSource } from '../../../shared/model/source';
import type { SourceSettingsOf } from '../../../shared/model/source';
import type { CaptureState } from '../../capture/captures';
import { Button } from '../../ui/button';
import { ErrorNote } from '../../ui/error-note';
import { SelectField } from '../../ui/select-field';
import { StatusText } from '../../ui/status';
import { SwitchField } from '../../ui/switch-field';
import { useIsOnline, useStudio } from '../../studio-context';
import { rateOffers, sizeOffers, strayOffer } from './capture-offers';
import { useCapture, useMediaDevices } from './use-capture';

type Source = Snapshot['sources'][number];
type Settings = SourceSettingsOf<'browser-capture'>;

const words = {
  display: { Icon: MonitorUp, again: 'Choose another', what: 'a screen, a window or a tab' },
  camera: { Icon: Video, again: 'Capture again', what: 'a camera' },
  microphone: { Icon: Volume2, again: 'Capture again', what: 'a microphone' },
} as const;

/** What this browser captures for a source: start and stop it, choose the device, and see how it goes. */
export function BrowserCapturePanel({ source }: { source: Source }) {
  const { settings } = source;
  if (!settings || !isKnownSource(settings) || settings.kind !== 'browser-capture') return null;
  return <Panel source={source} settings={settings} />;
}

function Panel({ source, settings }: { source: Source; settings: Settings }) {
  const { captures, actions } = useStudio();
  const isOnline = useIsOnline();
  const { state, choice } = useCapture(source.id);
  const { Icon, again, what } = words[settings.capture];
  const isRunning = state.state === 'running';
  const limits = state.state === 'running' ? state.limits : null;
  const isElsewhere = !isRunning && source.state === 'ok';
  const restart = (): Promise<void> => captures.start(source.id);
  /** Takes effect at once where the browser need not ask again. */
  const choose = (patch: Parameters<typeof captures.choose>[1]): void => {
    captures.choose(source.id, patch);
    if (isRunning && settings.capture !== 'display') void restart();
  };
  return (
    <div className="flex flex-col gap-3" data-capture-state={state.state}>
      <Status state={state} isElsewhere={isElsewhere} what={what} />
      {state.state === 'failed' && state.error.code !== source.error?.code && (
        <ErrorNote error={state.error} tone="air" />
      )}
      <div className="flex flex-wrap gap-2">
        {isRunning ? (
          <>
            <Button onPress={() => captures.stop(source.id)}>
              <CircleStop size={14} aria-hidden="true" />
              Stop capture
            </Button>
            {settings.capture === 'display' && (
              <Button look="ghost" isDisabled={!isOnline} onPress={restart}>
                <RefreshCw size={14} aria-hidden="true" />
                {again}
              </Button>
            )}
          </>
        ) : (
          <>
            <Button look="main" isDisabled={!isOnline} onPress={restart}>
              <Icon size={14} aria-hidden="true" />
              Start capture
            </Button>
            {state.state === 'failed' && state.isAwaited && (
              <Button look="ghost" onPress={() => captures.stop(source.id)}>
                Stop trying
              </Button>
            )}
          </>
        )}
      </div>
      {settings.capture !== 'display' && (
        <DeviceSelect
          kind={settings.capture}
          deviceId={choice.deviceId}
          occasion={state.state}
          onChange={(deviceId) => choose({ deviceId })}
        />
      )}
      {settings.capture !== 'microphone' && (
        <div className="grid grid-cols-2 gap-2">
          <SelectField
            label="Size, at most"
            value={String(choice.mostHeight ?? '')}
            choices={sizeOffers(limits)}
            strayLabel={strayOffer(choice.mostHeight ?? 0, ' lines', limits?.mostHeight ?? null)}
            onChange={(value) => choose({ mostHeight: value === '' ? null : Number(value) })}
          />
          <SelectField
            label="Pictures a second"
            value={String(choice.fps)}
            choices={rateOffers(limits)}
            strayLabel={strayOffer(choice.fps, '', limits?.mostFps ?? null)}
            onChange={(value) => choose({ fps: Number(value) })}
          />
        </div>
      )}
      {settings.capture === 'microphone' ? (
        <SwitchField
          label="Take out echo and noise"
          isOn={choice.isVoiceCleaned}
          onChange={(isVoiceCleaned) => choose({ isVoiceCleaned })}
        />
      ) : (
        <SwitchField
          label={
            settings.capture === 'camera' ? 'With a microphone’s sound' : 'With the sound of what is shared'
          }
          isOn={settings.hasSound}
          onChange={(hasSound) => {
            void actions.edit(
              [{ type: 'source.update', sourceId: source.id, patch: { hasSound } }],
              hasSound ? 'Capture with sound' : 'Capture without sound',
            );
            if (isRunning && settings.capture === 'camera')
              void captures.start(source.id, { ...settings, hasSound });
          }}
        />
      )}
      {settings.capture === 'display' && (
        <p className="text-xs leading-relaxed text-mute">
          {isRunning
            ? 'Changes of size, rate and sound take effect with the next choice.'
            : 'Sound comes along where the browser offers it: always for a tab, for a whole screen on Windows.'}
        </p>
      )}
    </div>
  );
}

/** Whether it is captured, where, and what arrives. */
function Status({ state, isElsewhere, what }: { state: CaptureState; isElsewhere: boolean; what: string }) {
  if (state.state === 'running') {
    const { figures, deviceName, isConnected, hasSound } = state;
    return (
      <div className="flex flex-col gap-0.5">
        <div role="status">
          <StatusText tone={isConnected ? 'good' : 'warn'} isBusy={!isConnected}>
            {isConnected ? 'Captured in this window' : 'Connecting to the engine …'}
          </StatusText>
        </div>
        <p className="truncate pl-3.5 text-sm text-text" title={deviceName}>
          {deviceName || what}
        </p>
        <p className="pl-3.5 text-xs text-mute" data-testid="capture-figures">
          {[
            figures && `${figures.width} × ${figures.height}`,
            figures && `${figures.fps.toFixed(0)} pictures a second`,
            hasSound ? 'with sound' : 'without sound',
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
    );
  }
  return (
    <div role="status">
      {state.state === 'asking' ? (
        <StatusText tone="ice" isBusy>
          Waiting for your answer to the browser …
        </StatusText>
      ) : (
        <StatusText tone={isElsewhere ? 'good' : 'calm'}>
          {isElsewhere ? 'Captured in another window' : 'Not captured'}
        </StatusText>
      )}
    </div>
  );
}

function DeviceSelect(props: {
  kind: 'camera' | 'microphone';
  deviceId: string | null;
  occasion: unknown;
  onChange: (deviceId: string | null) => void;
}) {
  const devices = useMediaDevices(props.kind === 'camera' ? 'videoinput' : 'audioinput', props.occasion);
  return (
    <SelectField
      label={props.kind === 'camera' ? 'Camera' : 'Microphone'}
      value={devices.length > 0 ? (props.deviceId ?? '') : ''}
      choices={[
        {
          value: '',
          label: devices.length > 0 ? 'The browser’s default' : 'Asked for when capture starts',
        },
        ...devices.map(({ id, label }) => ({ value: id, label })),
      ]}
      // One that was unplugged stays chosen: it comes back by itself.
      strayLabel="The one chosen before (not connected)"
      onChange={(value) => props.onChange(value === '' ? null : value)}
    />
  );
}
