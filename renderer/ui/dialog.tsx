import { X } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { Button, IconButton } from './button';

interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  /** a dialog that must be answered: no closing by a click beside it */
  isAlert?: boolean;
  isWide?: boolean;
  /** for cards and pages: as wide as reads well */
  isBroad?: boolean;
}

export function Dialog({
  title,
  isOpen,
  onClose,
  children,
  isAlert = false,
  isWide = false,
  isBroad = false,
}: DialogProps) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      isDismissable={!isAlert}
      isKeyboardDismissDisabled={false}
      className="overlay-backdrop"
    >
      <Modal
        className={`max-h-full w-full overflow-y-auto rounded-lg bg-panel shadow-pop ${isBroad ? 'max-w-5xl' : isWide ? 'max-w-2xl' : 'max-w-md'}`}
      >
        <AriaDialog role={isAlert ? 'alertdialog' : 'dialog'} className="p-5 outline-none">
          <FocusReturn />
          <div className="mb-3 flex items-start gap-3">
            <Heading slot="title" className="flex-1 text-lg font-semibold">
              {title}
            </Heading>
            {!isAlert && <IconButton label="Close" icon={<X size={15} />} onPress={onClose} />}
          </div>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** Gives the focus back to where it was before, should the dialog go without having done so itself. */
function FocusReturn() {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      requestAnimationFrame(() => {
        if (document.activeElement === document.body && opener instanceof HTMLElement) opener.focus();
      });
    },
    [opener],
  );
  return null;
}

interface ConfirmDialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  confirmLabel: string;
  onConfirm: () => Promise<unknown>;
  children: ReactNode;
}

export function ConfirmDialog({ confirmLabel, onConfirm, children, ...dialog }: ConfirmDialogProps) {
  return (
    <Dialog {...dialog} isAlert>
      <div className="text-base leading-relaxed text-soft">{children}</div>
      <div className="mt-5 flex justify-end gap-2">
        {/* The harmless way out is what Enter presses. */}
        <Button autoFocus onPress={dialog.onClose}>
          Cancel
        </Button>
        <Button look="stop" onPress={() => onConfirm().then(dialog.onClose)}>
          {confirmLabel}
        </Button>
      </div>
    </Dialog>
  );
}
