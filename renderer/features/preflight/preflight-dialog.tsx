import { CircleAlert, CircleCheck, OctagonX, RotateCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { WireError } from '../../../shared/contract/errors';
import type { PreflightCheck } from '../../../shared/contract/preflight';
import { toWireError } from '../../client/engine-error';
import { useActions, useStudio } from '../../studio-context';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { ErrorNote } from '../../ui/error-note';

/** so long a person sees that all is well before it goes on by itself */
const goodMomentMs = 1200;

type Look =
  | { state: 'looking' }
  | { state: 'failed'; error: WireError }
  | { state: 'done'; checks: readonly PreflightCheck[] };

const subjects: Readonly<Record<PreflightCheck['subject'], string>> = {
  destination: 'Destination',
  bitrate: 'Bitrate',
  keyframes: 'Keyframes',
  encoder: 'Encoder',
  upload: 'Upload',
  disk: 'Disk',
  microphone: 'Microphone',
  scene: 'Scene',
};

/** Between “Go live” and being live: what was looked at, and what to do about what is not well. */
export function PreflightDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog title="Before you go live" isOpen={isOpen} onClose={onClose} isWide>
      <Preflight onClose={onClose} />
    </Dialog>
  );
}

function Preflight({ onClose }: { onClose: () => void }) {
  const { client } = useStudio();
  const { startLive } = useActions();
  const [turn, setTurn] = useState(0);
  const [look, setLook] = useState<Look>({ state: 'looking' });
  useEffect(() => {
    let isWanted = true;
    const show = (next: Look): void => {
      if (isWanted) setLook(next);
    };
    client.call('preflight.run', {}).then(
      ({ checks }) => show({ state: 'done', checks }),
      (thrown: unknown) => show({ state: 'failed', error: toWireError(thrown) }),
    );
    return () => {
      isWanted = false;
    };
  }, [client, turn]);

  const checks = look.state === 'done' ? look.checks : [];
  const count = (result: PreflightCheck['result']): number =>
    checks.filter((check) => check.result === result).length;
  const isBlocked = count('blocked') > 0;
  const isGood = look.state === 'done' && !isBlocked && count('warning') === 0;
  const goLive = (): Promise<void> => startLive().then(onClose);
  useEffect(() => {
    if (!isGood) return;
    const timer = setTimeout(() => void startLive().then(onClose), goodMomentMs);
    return () => {
      clearTimeout(timer);
    };
  }, [isGood, startLive, onClose]);

  return (
    <div className="flex flex-col gap-4">
      <p role="status" aria-label="Outcome" className="text-base text-soft">
        {outcomeOf(look, isBlocked, count('warning'))}
      </p>
      {look.state === 'failed' && <ErrorNote error={look.error} />}
      <ul aria-label="Checks" className="flex flex-col gap-2">
        {[...checks]
          .sort((one, other) => weight(other) - weight(one))
          .map((check, index) => (
            <CheckRow key={`${check.subject} ${check.about} ${index}`} check={check} />
          ))}
      </ul>
      <div className="flex items-center justify-end gap-2">
        <span className="mr-auto">
          <Button
            isDisabled={look.state === 'looking'}
            onPress={() => {
              setLook({ state: 'looking' });
              setTurn(turn + 1);
            }}
          >
            <RotateCw size={13} aria-hidden="true" />
            Look again
          </Button>
        </span>
        <Button autoFocus onPress={onClose}>
          Cancel
        </Button>
        <Button look="air" isDisabled={isBlocked || look.state === 'looking'} onPress={goLive}>
          {isGood ? 'Go live now' : 'Go live anyway'}
        </Button>
      </div>
    </div>
  );
}

function outcomeOf(look: Look, isBlocked: boolean, warnings: number): string {
  if (look.state === 'looking') return 'Looking at destinations, encoder, connection, disk and sources…';
  if (look.state === 'failed') return 'The checks could not be made.';
  if (isBlocked) return 'Something is missing: put it right, then look again.';
  if (warnings > 0)
    return `${warnings === 1 ? 'One thing' : `${warnings} things`} to know before viewers see it.`;
  return 'All is well. You go live in a moment.';
}

const weight = ({ result }: PreflightCheck): number => ({ ok: 0, warning: 1, blocked: 2 })[result];

const signs = {
  ok: { Icon: CircleCheck, color: 'text-good', word: 'Fine' },
  warning: { Icon: CircleAlert, color: 'text-warn', word: 'Warning' },
  blocked: { Icon: OctagonX, color: 'text-air', word: 'Missing' },
} as const;

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
