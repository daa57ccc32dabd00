import { useState } from 'react';
import { codecTitles } from '../../../shared/contract/codec';
import type { VideoCodecName } from '../../../shared/contract/codec';
import type { ProfileView } from '../../../shared/contract/encoder';
import { formatRate } from '../../../shared/model/frame-rate';
import { toWireError } from '../../client/engine-error';
import { Button } from '../../ui/button';
import { ErrorNote } from '../../ui/error-note';
import { NumberField } from '../../ui/number-field';
import { SelectField } from '../../ui/select-field';
import { SwitchField } from '../../ui/switch-field';
import { useIsOnline, useSlice, useStudio } from '../../studio-context';
import { fitShow } from './fit-show';
import { SizeField } from './size-field';
import { unsavedVideo, useUnsavedVideo } from './unsaved-video';
import {
  bitrateWarnings,
  changesOf,
  ratePresets,
  rateWarnings,
  sizeText,
  suggestedKbps,
  videoDraftOf,
} from './video-draft';
import type { VideoDraft } from './video-draft';

/** in one call */
const mostEdits = 500;

/**
 * Size, rate and encoder. They take effect together, and so have a button: another size or rate by a restart of the
 * program, another bitrate or encoder by a hand-over, on air, too.
 */
export function VideoSettings() {
  const settings = useSlice('settings');
  const { profiles } = useSlice('encoder');
  const program = useSlice('program');
  const outputs = useSlice('outputs');
  const isLive = useSlice('live').isLive;
  const isRecording = useSlice('recording').state === 'recording';
  const isOnline = useIsOnline();
  const { client, actions, store } = useStudio();
  const { edited, isFitted, isApplying, error } = useUnsavedVideo();
  const [said, setSaid] = useState('');

  const draft: VideoDraft = { ...videoDraftOf(settings), ...edited };
  const changes = changesOf(draft, settings);
  const isChanged = Object.keys(changes).length > 0;
  const isOnAir = isLive || isRecording;
  const isRestart = 'canvas' in changes || 'output' in changes || 'fps' in changes || 'codec' in changes;
  const isApplicable = isChanged && isOnline && !(isOnAir && isRestart);
  const change = (patch: Partial<VideoDraft>): void => {
    unsavedVideo.change(patch);
    setSaid('');
  };
  const isFixed = (name: keyof VideoDraft): boolean => settings.fixed.includes(name);
  const apply = async (): Promise<void> => {
    unsavedVideo.applying();
    const { snapshot } = store.getState();
    const fitting =
      changes.canvas && isFitted && snapshot ? fitShow(snapshot, settings.canvas, draft.canvas) : [];
    try {
      await client.call('settings.update', { patch: changes });
      const gesture = crypto.randomUUID();
      for (let done = 0; done < fitting.length; done += mostEdits) {
        const label = `Fit the show to ${sizeText(draft.canvas)}`;
        await actions.edit(fitting.slice(done, done + mostEdits), label, gesture);
      }
      unsavedVideo.applied(edited);
      setSaid('The program runs with the new settings.');
    } catch (thrown) {
      unsavedVideo.refused(toWireError(thrown));
    }
  };
  const size = draft.output ?? draft.canvas;
  const suggested = suggestedKbps(size, draft.fps);
  const isOneProfile = draft.codec !== 'h264';
  const profile = profiles.find(({ name }) => name === draft.profile);
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (isApplicable && !isApplying) void apply();
      }}
    >
      {isOnAir && (
        <ErrorNote error={{ code: 'on-air', details: { what: 'A change of size, frame rate or codec' } }} />
      )}
      <div className="grid grid-cols-2 items-start gap-4">
        <SizeField
          label="Canvas"
          hint="What the show is laid out on."
          size={draft.canvas}
          isDisabled={isOnAir || isFixed('canvas')}
          fixedNote={fixedNote(isFixed('canvas'))}
          onChange={(canvas) => {
            if (canvas) change({ canvas });
          }}
        />
        <SizeField
          label="Stream and recording"
          hint="What is encoded; the canvas is scaled to it."
          size={draft.output}
          sameAs={`As the canvas (${sizeText(draft.canvas)})`}
          isDisabled={isOnAir || isFixed('output')}
          fixedNote={fixedNote(isFixed('output'))}
          onChange={(output) => {
            change({ output });
          }}
        />
      </div>
      {changes.canvas && (
        <SwitchField
          label="Fit the show to the new canvas"
          hint="Everything keeps its place in the picture; undo brings the former layout back."
          isOn={isFitted}
          isDisabled={isOnAir}
          onChange={unsavedVideo.fit}
        />
      )}
      <div className="grid grid-cols-2 items-start gap-4">
        <div className="flex flex-col gap-1">
          <SelectField
            label="Frames per second"
            value={String(draft.fps)}
            choices={ratePresets.map((fps) => ({ value: String(fps), label: `${formatRate(fps)} fps` }))}
            strayLabel={`${formatRate(draft.fps)} fps`}
            isDisabled={isOnAir || isFixed('fps')}
            hint={fixedNote(isFixed('fps')) ?? 'Games move better at 60; talk needs 30.'}
            onChange={(fps) => {
              change({ fps: Number(fps) });
            }}
          />
          <Warnings sentences={rateWarnings(draft.fps, outputs)} />
        </div>
        <div className="flex flex-col gap-1">
          <NumberField
            label="Bitrate"
            value={draft.bitrateKbps}
            least={100}
            most={100_000}
            step={250}
            unit="kbit/s"
            isDisabled={isFixed('bitrateKbps')}
            hint={
              fixedNote(isFixed('bitrateKbps')) ??
              `About ${suggested} kbit/s suits ${sizeText(size)} at ${formatRate(draft.fps)} fps.`
            }
            onChange={(bitrateKbps) => {
              change({ bitrateKbps });
            }}
          />
          <Warnings sentences={bitrateWarnings(draft.bitrateKbps, outputs)} />
        </div>
      </div>
      <div className="flex flex-col gap-1.5">
        <div className="grid grid-cols-2 items-start gap-4">
          <SelectField
            label="Codec"
            value={draft.codec}
            choices={codecs}
            isDisabled={isOnAir || isFixed('codec')}
            hint={fixedNote(isFixed('codec')) ?? codecHint(draft.codec)}
            onChange={(codec) => {
              change({ codec });
            }}
          />
          <SelectField
            label="Encoder"
            value={isOneProfile ? 'auto' : draft.profile}
            choices={encoderChoices(draft.codec, program.codec, profiles)}
            isDisabled={isFixed('profile') || isOneProfile}
            {...(isFixed('profile') && { hint: fixedNote(true) ?? '' })}
            onChange={(name) => {
              change({ profile: name });
            }}
          />
        </div>
        <p className="text-xs text-mute">
          {profile && !isOneProfile
            ? `${profile.title}: ${profile.note}.`
            : program.encoder
              ? `Now ${program.encoder.name}, profile ${program.encoder.profile}. ${program.encoder.reason}`
              : 'The encoder is being chosen.'}
        </p>
      </div>
      {/* That it cannot be on air stands above already. */}
      {error && !(isOnAir && isRestart && error.code === 'on-air') && (
        <div role="alert">
          <ErrorNote error={error} tone="air" />
        </div>
      )}
      <div className="flex items-center gap-3">
        <p role="status" className="min-w-0 flex-1 text-xs text-mute">
          {said !== '' ? (
            <span className="text-good">{said}</span>
          ) : isApplying ? (
            progressText(isRestart)
          ) : (
            consequenceText(isRestart, isChanged)
          )}
        </p>
        <Button isDisabled={!isChanged} onPress={unsavedVideo.takeBack}>
          Take back
        </Button>
        <Button look="main" type="submit" isDisabled={!isApplicable}>
          Apply
        </Button>
      </div>
    </form>
  );
}

const codecs: readonly { value: VideoCodecName; label: string }[] = [
  { value: 'h264', label: 'H.264 and AAC: for streaming' },
  { value: 'vp8', label: 'VP8 and Opus' },
  { value: 'vp9', label: 'VP9 and Opus' },
];

/** Profiles are for H.264, and known while that is what runs. */
const encoderChoices = (
  wanted: VideoCodecName,
  running: VideoCodecName,
  profiles: readonly ProfileView[],
): { value: string; label: string }[] =>
  wanted === 'h264'
    ? [
        { value: 'auto', label: 'Automatic: the best that this computer holds' },
        ...(running === 'h264' ? profiles : []).map(({ name, encoder }) => ({
          value: name,
          label: `${name} (${encoder})`,
        })),
      ]
    : [{ value: 'auto', label: `The one for ${codecTitles[wanted]}` }];

const codecHint = (codec: VideoCodecName): string =>
  codec === 'h264' ? 'What every platform takes.' : 'For WebM recordings and browsers; platforms want H.264.';

const progressText = (isRestart: boolean): string =>
  isRestart ? 'The program starts anew …' : 'The encoder is being handed over …';

function consequenceText(isRestart: boolean, isChanged: boolean): string {
  if (isRestart) return 'The picture stands still for a moment.';
  return isChanged
    ? 'Takes over at a keyframe within a few seconds; streams and recordings go on.'
    : 'Another size, frame rate or codec needs a restart of the picture; bitrate and encoder do not.';
}

function Warnings({ sentences }: { sentences: readonly string[] }) {
  return sentences.map((sentence) => (
    <p key={sentence} role="alert" className="text-xs text-warn">
      {sentence}
    </p>
  ));
}

function fixedNote(isFixed: boolean): string | undefined {
  return isFixed ? 'Decided by the command line for this run.' : undefined;
}
