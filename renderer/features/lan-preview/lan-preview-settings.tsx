import { useState } from 'react';
import type { WireError } from '../../../shared/contract/errors';
import type { LanPreviewSettings } from '../../../shared/contract/lan-preview';
import { useActions, useIsOnline, useSlice } from '../../studio-context';
import { CopyButton } from '../../ui/copy-button';
import { ErrorNote } from '../../ui/error-note';
import { plural } from '../../ui/format';
import { NumberField } from '../../ui/number-field';
import { SelectField } from '../../ui/select-field';
import { StatusText } from '../../ui/status';
import { SwitchField } from '../../ui/switch-field';
import { LanPasswordForm } from './lan-password-form';

const everywhere = 'all';

/** The program for viewers in the local network: who may watch, and where they find it. */
export function LanPreviewSettings() {
  const { lanPreview: settings, fixed } = useSlice('settings');
  const view = useSlice('lanPreview');
  const isOnline = useIsOnline();
  const { tryUpdateSettings } = useActions();
  const [refusal, setRefusal] = useState<WireError | null>(null);
  const isFixed = fixed.includes('lanPreview');
  const isDisabled = !isOnline || isFixed;
  const update = (patch: Partial<LanPreviewSettings>) =>
    tryUpdateSettings({ lanPreview: { ...settings, ...patch } });
  const choices = [
    { value: everywhere, label: 'All addresses of this computer' },
    ...view.addresses.map((own) => ({ value: own.address, label: `${own.address} (${own.interface})` })),
  ];
  const error = refusal ?? view.error;
  return (
    <div className="flex flex-col gap-4">
      <SwitchField
        label="Let others in this network watch the program"
        hint={
          isFixed
            ? 'The command line decides it for this run.'
            : view.hasPassword
              ? 'On a phone, a tablet or a second screen, in the browser. What they see is not encrypted on the way: switch it on in networks you trust.'
              : 'Set a password first.'
        }
        isOn={settings.isOn}
        isDisabled={isDisabled || (!view.hasPassword && !settings.isOn)}
        onChange={async (isOn) => setRefusal(await update({ isOn }))}
      />
      {error && (
        <div role="alert">
          <ErrorNote error={error} tone="air" />
        </div>
      )}
      {settings.isOn && <Addresses />}
      <LanPasswordForm hasPassword={view.hasPassword} />
      <div className="grid grid-cols-[1fr_7rem] items-start gap-4">
        <SelectField
          label="Reachable at"
          value={settings.address ?? everywhere}
          choices={choices}
          strayLabel={`${settings.address ?? ''} (not there now)`}
          isDisabled={isDisabled}
          onChange={(address) => update({ address: address === everywhere ? null : address })}
        />
        <NumberField
          label="Port"
          value={settings.port}
          least={1}
          most={65_535}
          isDisabled={isDisabled}
          onChange={(port) => update({ port })}
        />
      </div>
      <p className="-mt-2 text-xs text-mute">
        Only computers of your own networks are answered, whatever address they ask at.
      </p>
    </div>
  );
}

/** What to type into a browser or a player, and how many do. */
function Addresses() {
  const { state, urls, viewers } = useSlice('lanPreview');
  const [first] = urls;
  if (state !== 'on')
    return state === 'starting' ? <p className="text-xs text-mute">It is being started.</p> : null;
  if (first === undefined)
    return <p className="text-xs text-warn">This computer is in no network that others could reach it by.</p>;
  return (
    <section
      aria-label="Addresses for viewers"
      className="rounded-lg border border-line bg-raised px-3.5 py-3"
    >
      <div className="mb-2 flex items-baseline gap-2">
        <h3 className="flex-1 text-xs font-semibold text-soft">Open in a browser, then enter the password</h3>
        <StatusText tone={viewers > 0 ? 'good' : 'calm'}>{plural(viewers, 'viewer', 'viewers')}</StatusText>
      </div>
      <ul className="flex flex-col gap-1.5">
        {urls.map((url) => (
          <li key={url} className="flex items-center gap-2">
            <code className="min-w-0 flex-1 rounded-md border border-line bg-well px-2.5 py-1.25 font-mono text-sm break-all text-text select-all">
              {url}
            </code>
            <CopyButton label={`Copy ${url}`} text={url} />
          </li>
        ))}
      </ul>
      <p className="mt-2.5 text-xs text-mute">
        In VLC or ffplay, with the password in place of PASSWORD:{' '}
        <span className="font-mono break-all text-soft select-all">
          {first.replace('http://', 'http://viewer:PASSWORD@')}live/program.flv
        </span>
      </p>
    </section>
  );
}
