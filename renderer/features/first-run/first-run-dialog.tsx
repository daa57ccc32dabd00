import { useState } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { Button } from '../../ui/button';
import { useActions, useStudio } from '../../studio-context';
import { settleItem } from '../add-source/add-source';
import { CheckStep } from './check-step';
import { firstShow } from './first-show';
import type { Wish } from './first-show';
import { PictureStep } from './picture-step';
import { PlaceStep } from './place-step';

const steps = ['picture', 'place', 'check'] as const;
type Step = (typeof steps)[number];
const titles: Record<Step, string> = {
  picture: 'What do you want to stream?',
  place: 'Where does it go?',
  check: 'Is everything there?',
};

/** Each step can be skipped, and all of them at once; what was done stays done. */
export function FirstRunDialog() {
  const studio = useStudio();
  const { updateSettings } = useActions();
  const [step, setStep] = useState<Step>('picture');
  const finish = (): Promise<unknown> => updateSettings({ isFirstRunDone: true });

  const make = async (wish: Wish): Promise<void> => {
    const { snapshot } = studio.store.getState();
    if (!snapshot) return;
    const made = firstShow(wish, snapshot);
    if (made.edits.length > 0) {
      const gesture = crypto.randomUUID();
      if (!(await studio.actions.edit(made.edits, 'Set up my show', gesture))) return;
      if (made.captureId !== null) void studio.captures?.start(made.captureId);
      if (made.sceneId !== null) await studio.actions.switchScene(made.sceneId);
      for (const itemId of made.itemIds) void settleItem(studio, itemId, 'Set up my show', gesture);
    }
    setStep('place');
  };
  return (
    <ModalOverlay
      isOpen
      isKeyboardDismissDisabled
      className="overlay-backdrop"
      // The last step is to look at the picture: it must be in sight.
      data-side={step === 'check' || undefined}
    >
      <Modal className="max-h-full w-full max-w-xl overflow-y-auto rounded-lg bg-panel shadow-pop">
        <Dialog className="p-6 outline-none">
          <p className="mb-1 text-xs text-mute">
            Step {steps.indexOf(step) + 1} of {steps.length}
          </p>
          <Heading slot="title" className="mb-4 text-xl font-semibold">
            {titles[step]}
          </Heading>
          {step === 'picture' && (
            <PictureStep
              onDone={make}
              onSkip={() => {
                setStep('place');
              }}
            />
          )}
          {step === 'place' && (
            <PlaceStep
              onDone={() => {
                setStep('check');
              }}
            />
          )}
          {step === 'check' && <CheckStep onDone={finish} />}
          {step !== 'check' && (
            <p className="mt-5 -ml-2.5 pt-1">
              <Button look="ghost" onPress={finish}>
                Skip all this and show me the studio
              </Button>
            </p>
          )}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
