import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DeviceKind } from '../../../shared/contract/device';
import { Button } from '../../ui/button';
import { DeviceStep } from './device-step';
import { ExistingStep } from './existing-step';
import { FileStep } from './file-step';
import { IngestStep } from './ingest-step';
import { sourceCards } from './source-cards';
import type { SourceCard, SourceCardId } from './source-cards';

interface AddSourceStepProps {
  card: SourceCard;
  onBack: () => void;
  onChoose: (card: SourceCard) => Promise<void>;
  onDone: () => void;
}

/** Where the browser can do what this computer cannot. */
const insteadOf: Partial<Record<SourceCardId, SourceCardId>> = {
  screen: 'browser-display',
  window: 'browser-display',
  camera: 'browser-camera',
  microphone: 'browser-microphone',
};

/** The second question, for the kinds that have one. */
export function AddSourceStep({ card, onBack, onChoose, onDone }: AddSourceStepProps) {
  const instead = sourceCards.find(({ id }) => id === insteadOf[card.id]);
  const step = (): ReactNode => {
    switch (card.id) {
      case 'image':
      case 'media':
        return <FileStep kind={card.id} onDone={onDone} />;
      case 'ingest':
        return <IngestStep onDone={onDone} />;
      case 'existing':
        return <ExistingStep onDone={onDone} />;
      default:
        return (
          <DeviceStep
            kind={card.id as DeviceKind}
            onDone={onDone}
            instead={
              instead && (
                <Button onPress={() => onChoose(instead)}>
                  <instead.Icon size={14} aria-hidden="true" />
                  Use the browser’s instead
                </Button>
              )
            }
          />
        );
    }
  };
  return (
    <div className="flex flex-col gap-4">
      {step()}
      <div>
        <Button look="ghost" onPress={onBack}>
          <ArrowLeft size={14} aria-hidden="true" />
          All sources
        </Button>
      </div>
    </div>
  );
}
