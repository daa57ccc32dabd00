import { Cpu } from 'lucide-react';
import type { EncoderCandidateView } from '../../../shared/contract/encoder';
import { Chip } from '../../ui/status';
import type { Tone } from '../../ui/status';
import { useSlice } from '../../studio-context';

const verdicts: Record<EncoderCandidateView['verdict'], { word: string; tone: Tone }> = {
  chosen: { word: 'In use', tone: 'good' },
  usable: { word: 'Works', tone: 'ice' },
  refused: { word: 'Refused', tone: 'warn' },
  absent: { word: 'Not built in', tone: 'calm' },
  'other-system': { word: 'Other system', tone: 'calm' },
  untried: { word: 'Not tried', tone: 'calm' },
};

/** Every encoder the studio can drive, and why each was taken or was not, in FFmpeg's own words where it spoke. */
export function CandidateTable() {
  const { candidates } = useSlice('encoder');
  const { cpuModel, cores, cpuFeatures } = useSlice('machine');
  const here = candidates.filter(({ verdict }) => verdict !== 'other-system');
  const elsewhere = candidates.filter(({ verdict }) => verdict === 'other-system');
  const simd = cpuFeatures.filter((name) => /^(SSE4\.2|AVX|AVX2|AVX512|NEON)$/.test(name));
  return (
    <section aria-label="Encoders of this computer" className="flex flex-col gap-2">
      <h3 className="flex flex-wrap items-center gap-x-2 text-base font-semibold">
        <Cpu size={15} aria-hidden="true" className="text-mute" />
        Encoders of this computer
        <span className="text-xs font-normal text-mute">
          {cpuModel}, {cores} {cores === 1 ? 'core' : 'cores'}
          {simd.length > 0 && `, ${simd.join(', ')}`}
        </span>
      </h3>
      <table className="figure-table">
        <thead>
          <tr>
            <th scope="col">Encoder</th>
            <th scope="col">Found</th>
            <th scope="col" className="w-full">
              Why
            </th>
          </tr>
        </thead>
        <tbody>
          {here.map((candidate) => (
            <CandidateRow key={candidate.id} candidate={candidate} />
          ))}
        </tbody>
      </table>
      {elsewhere.length > 0 && (
        <p className="text-xs text-mute">
          Not on this system: {elsewhere.map(({ title, words }) => `${title} (${words})`).join(', ')}.
        </p>
      )}
    </section>
  );
}

function CandidateRow({ candidate }: { candidate: EncoderCandidateView }) {
  const { title, encoder, verdict, words } = candidate;
  return (
    <tr data-verdict={verdict} data-chosen={verdict === 'chosen' || undefined}>
      <th scope="row" className="whitespace-nowrap">
        <span className="block font-medium text-text">{title}</span>
        <span className="block font-mono text-2xs text-mute">{encoder}</span>
      </th>
      <td className="whitespace-nowrap">
        <Chip tone={verdicts[verdict].tone}>{verdicts[verdict].word}</Chip>
      </td>
      <td
        className={verdict === 'refused' ? 'font-mono [overflow-wrap:anywhere]' : '[overflow-wrap:anywhere]'}
      >
        {words}
      </td>
    </tr>
  );
}
