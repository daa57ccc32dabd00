import type { ProfileView } from '../../../shared/contract/encoder';
import { classNames } from '../../ui/class-names';
import { Chip } from '../../ui/status';
import { useSlice } from '../../studio-context';
import { cpuText, headroomText, ssimText } from './figure-text';

/** What each profile does here, so that the choice explains itself. */
export function ProfileTable() {
  const { profiles } = useSlice('encoder');
  const { fps } = useSlice('program');
  const best = Math.max(
    ...profiles.flatMap(({ figures }) => (figures?.isHolding && figures.ssim !== null ? [figures.ssim] : [])),
  );
  return (
    <table className="figure-table">
      <thead>
        <tr>
          <th scope="col">Profile</th>
          <th scope="col" className="figure">
            Speed
          </th>
          <th scope="col" className="figure">
            Headroom
          </th>
          <th scope="col" className="figure">
            CPU
          </th>
          <th scope="col" className="figure">
            SSIM
          </th>
          <th scope="col" className="figure">
            Delay
          </th>
          <th scope="col" className="w-full">
            Result
          </th>
        </tr>
      </thead>
      <tbody>
        {profiles
          .filter(({ kind, isChosen }) => kind !== 'hardware' || isChosen)
          .map((profile) => (
            <ProfileRow key={profile.name} profile={profile} fps={fps} best={best} />
          ))}
      </tbody>
    </table>
  );
}

function ProfileRow({ profile, fps, best }: { profile: ProfileView; fps: number; best: number }) {
  const { name, title, kind, figures, delayMs, isChosen, note } = profile;
  const isBest = figures?.isHolding === true && figures.ssim === best;
  return (
    <tr data-chosen={isChosen || undefined} data-profile={name}>
      <th scope="row" className="whitespace-nowrap">
        <span className="flex items-center gap-1.5 font-medium text-text">
          {name}
          {kind === 'user' && <Chip tone="ice">Yours</Chip>}
          {kind === 'documented' && <Chip tone="calm">Documented</Chip>}
        </span>
        <span className="block text-2xs text-mute">{title}</span>
      </th>
      {figures ? (
        <>
          <td className="figure">{Math.round(figures.fps)} fps</td>
          <td className="figure">
            <span className={figures.isHolding ? 'text-good' : 'text-warn'}>{headroomText(figures)}</span>
            <Headroom part={figures.fps / (fps * 2)} isHolding={figures.isHolding} />
          </td>
          <td className="figure">{cpuText(figures.cpuPercent)}</td>
          <td className={classNames('figure', isBest && 'font-semibold text-good')}>
            {ssimText(figures.ssim)}
          </td>
        </>
      ) : (
        <td className="figure text-mute" colSpan={4}>
          –
        </td>
      )}
      <td className="figure">{delayMs} ms</td>
      <td className="[overflow-wrap:anywhere]">{isChosen ? <Chip tone="good">In use</Chip> : note}</td>
    </tr>
  );
}

/** As far as twice the rate; the mark is what is needed, 20 % above it. */
function Headroom({ part, isHolding }: { part: number; isHolding: boolean }) {
  return (
    <span aria-hidden="true" className="headroom-bar">
      <span
        className={isHolding ? 'bg-good' : 'bg-warn'}
        style={{ width: `${Math.round(Math.min(1, part) * 100)}%` }}
      />
    </span>
  );
}
