import { CircleAlert, CircleCheck, OctagonX } from 'lucide-react';
import type { PreflightCheck } from '../../../shared/contract/preflight';
import { ErrorNote } from '../../ui/error-note';

const subjects: Readonly<Record<PreflightCheck['subject'], string>> = {
  destination: 'Destination',
  bitrate: 'Bitrate',
  rate: 'Frame rate',
  keyframes: 'Keyframes',
  encoder: 'Encoder',
  upload: 'Upload',
  disk: 'Disk',
  microphone: 'Microphone',
  scene: 'Scene',
};

const signs = {
  ok: { Icon: CircleCheck, color: 'text-good', word: 'Fine' },
  warning: { Icon: CircleAlert, color: 'text-warn', word: 'Warning' },
  blocked: { Icon: OctagonX, color: 'text-air', word: 'Missing' },
} as const;

const weight = ({ result }: PreflightCheck): number => ({ ok: 0, warning: 1, blocked: 2 })[result];

/** What was looked at before going live; what stands in the way comes first, with its remedy. */
export function CheckList({ checks }: { checks: readonly PreflightCheck[] }) {
  return (
    <ul aria-label="Checks" className="flex flex-col gap-2">
      {[...checks]
        .sort((one, other) => weight(other) - weight(one))
        .map((check, index) => (
          <CheckRow key={`${check.subject} ${check.about} ${index}`} check={check} />
        ))}
    </ul>
  );
}

function CheckRow({ check }: { check: PreflightCheck }) {
  const { Icon, color, word } = signs[check.result];
  return (
    <li
      data-result={check.result}
      className="grid grid-cols-[1rem_6.5rem_minmax(0,1fr)] items-start gap-x-2.5 text-sm"
    >
      <Icon size={16} aria-hidden="true" className={`mt-px ${color}`} />
      <span className="font-medium text-text">
        <span className="sr-only">{word}: </span>
        {subjects[check.subject]}
      </span>
      {check.error ? (
        <ErrorNote error={check.error} tone={check.result === 'blocked' ? 'air' : 'warn'} />
      ) : (
        <span className="text-soft">{check.finding}</span>
      )}
    </li>
  );
}
