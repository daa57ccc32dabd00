import type { CapturedDevice } from '../../../shared/contract/device';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { sourceKind } from '../sources/source-kinds';

export interface CaptureQuestionProps {
  /** of the show */
  readonly name: string;
  readonly devices: readonly CapturedDevice[];
  readonly onAnswer: (isAgreed: boolean) => void;
}

/** Before a show that somebody else made switches on what looks and listens here. */
export function CaptureQuestion({ name, devices, onAnswer }: CaptureQuestionProps) {
  return (
    <Dialog title="Start what this show captures?" isOpen isAlert onClose={() => onAnswer(false)}>
      <p>“{name}” captures these devices of the studio’s computer as soon as it is imported:</p>
      <ul className="my-3 list-disc pl-5">
        {devices.map(({ kind, name: device }) => (
          <li key={`${kind} ${device}`} className="[overflow-wrap:anywhere]">
            <span className="text-mute">{kind === 'window' ? 'window' : sourceKind(kind).label}</span>{' '}
            {device}
          </li>
        ))}
      </ul>
      <div className="flex justify-end gap-2">
        <Button onPress={() => onAnswer(false)}>Do not import</Button>
        <Button look="main" onPress={() => onAnswer(true)}>
          Import and start them
        </Button>
      </div>
    </Dialog>
  );
}
