import { useSlice } from '../../studio-context';
import { CalibrationPanel } from './calibration-panel';
import { CandidateTable } from './candidate-table';
import { UserProfiles } from './user-profiles';

/** What encodes, what else could, what each profile does on this computer, and profiles of one's own. */
export function EncoderSettings() {
  const { encoder } = useSlice('program');
  return (
    <div className="flex flex-col gap-6">
      <section aria-label="In use" className="encoder-now">
        {encoder ? (
          <>
            <p className="text-base font-semibold">
              {encoder.profile}{' '}
              <span className="font-mono text-xs font-normal text-mute">{encoder.name}</span>
            </p>
            <p className="text-sm text-soft [overflow-wrap:anywhere]">{encoder.reason}</p>
          </>
        ) : (
          <p className="text-sm text-mute">The encoder is being chosen.</p>
        )}
      </section>
      <CalibrationPanel />
      <UserProfiles />
      <CandidateTable />
    </div>
  );
}
