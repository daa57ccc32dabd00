import { Gauge } from 'lucide-react';
import { useState } from 'react';
import type { CalibrationView } from '../../../shared/contract/encoder';
import type { WireError } from '../../../shared/contract/errors';
import { toWireError } from '../../client/engine-error';
import { Button } from '../../ui/button';
import { ErrorNote } from '../../ui/error-note';
import { useIsOnline, useSlice, useStudio } from '../../studio-context';
import { formatCodec } from '../../ui/format';
import { measuredText } from './figure-text';
import { ProfileTable } from './profile-table';

type Running = Extract<CalibrationView, { state: 'running' }>;

/** Measures every profile with the person's own scene, shows how far it is, and what came out. */
export function CalibrationPanel() {
  const { calibration, measuredWith } = useSlice('encoder');
  const { codec } = useSlice('program');
  const isLive = useSlice('live').isLive;
  const isRecording = useSlice('recording').state === 'recording';
  const isOnline = useIsOnline();
  const { client } = useStudio();
  const [refusal, setRefusal] = useState<WireError | null>(null);
  const isOnAir = isLive || isRecording;
  const isOneProfile = codec !== 'h264';
  const isRunning = calibration.state === 'running';
  const error = refusal ?? (calibration.state === 'idle' ? calibration.error : null);
  const call = async (command: 'encoder.calibrate' | 'encoder.cancelCalibration'): Promise<void> => {
    setRefusal(null);
    try {
      await client.call(command, {});
    } catch (thrown) {
      setRefusal(toWireError(thrown));
    }
  };
  return (
    <section aria-label="Profiles on this computer" className="flex flex-col gap-2.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h3 className="flex items-center gap-2 text-base font-semibold">
          <Gauge size={15} aria-hidden="true" className="text-mute" />
          Profiles on this computer
        </h3>
        <p className="min-w-40 flex-1 text-xs text-mute">{isRunning ? '' : measuredText(measuredWith)}</p>
        {/* One button for both, so that the focus stays where it was. */}
        <Button
          look={isRunning ? 'plain' : 'main'}
          isDisabled={!isOnline || ((isOnAir || isOneProfile) && !isRunning)}
          aria-describedby="calibration-note"
          onPress={() => call(isRunning ? 'encoder.cancelCalibration' : 'encoder.calibrate')}
        >
          {isRunning ? 'Cancel' : 'Measure with my scene'}
        </Button>
      </div>
      {calibration.state === 'running' ? (
        <Progress calibration={calibration} />
      ) : (
        <p id="calibration-note" className="text-xs text-mute">
          {isOneProfile
            ? `There is one profile for ${formatCodec(codec)}, so there is nothing to compare. Whether it holds the rate shows in the skipped frames.`
            : isOnAir
              ? 'Not while you are live or recording: it takes all the processor there is.'
              : 'Encodes what is on program now with every profile, some three seconds each. The picture stands still meanwhile; going live ends it.'}
        </p>
      )}
      {error && (
        <div role="alert">
          <ErrorNote error={error} tone="air" />
        </div>
      )}
      <ProfileTable />
    </section>
  );
}

const phases: Record<Running['phase'], string> = {
  capture: 'Taking pictures of your scene',
  trials: 'Trying the hardware',
  speed: 'Measuring the speed of',
  quality: 'Comparing the picture of',
  restart: 'Starting the program again',
};

function Progress({ calibration: { phase, profile, progress } }: { calibration: Running }) {
  const percent = Math.round(progress * 100);
  return (
    <div className="flex items-center gap-3">
      <progress aria-label="Measuring the profiles" className="progress flex-1" max={100} value={percent} />
      <p id="calibration-note" role="status" className="w-64 shrink-0 truncate text-xs text-soft">
        {phases[phase]}
        {profile !== null && ` ${profile}`} … {percent} %
      </p>
    </div>
  );
}
