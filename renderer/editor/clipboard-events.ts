import type { StageEditor } from './stage-editor';

export interface PasteHandlers {
  /** pictures and films */
  files(files: readonly File[]): void;
  /** text that is no copied item */
  text(text: string): void;
}

const isEditable = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.closest('input, textarea, select, [role=textbox]') !== null);

/** Somebody is writing, reading or answering a question: clipboard and keys are theirs. */
export const isElsewhere = (event: Event): boolean =>
  event.defaultPrevented ||
  isEditable(event.target) ||
  document.querySelector('[role=dialog], [role=alertdialog]') !== null;

const hasSelectedText = (): boolean => !(document.getSelection()?.isCollapsed ?? true);

/** Copy, cut and paste of the whole page, by the browser's own events: they need no permission. @returns how to stop */
export function followClipboard(editor: StageEditor, handlers: PasteHandlers): () => void {
  const take = (event: ClipboardEvent, text: () => string | null): void => {
    if (isElsewhere(event) || hasSelectedText() || editor.selectedItems.length === 0) return;
    const copied = text();
    if (copied === null) return;
    event.clipboardData?.setData('text/plain', copied);
    event.preventDefault();
  };
  const copy = (event: ClipboardEvent): void => take(event, () => editor.commands.copy());
  const cut = (event: ClipboardEvent): void => take(event, () => editor.commands.cut());
  const paste = (event: ClipboardEvent): void => {
    if (isElsewhere(event) || !event.clipboardData) return;
    const files = [...event.clipboardData.files];
    const text = event.clipboardData.getData('text/plain');
    if (text && editor.commands.paste(text)) event.preventDefault();
    else if (files.length > 0) {
      event.preventDefault();
      handlers.files(files);
    } else if (text.trim()) {
      event.preventDefault();
      handlers.text(text);
    }
  };
  document.addEventListener('copy', copy);
  document.addEventListener('cut', cut);
  document.addEventListener('paste', paste);
  return () => {
    document.removeEventListener('copy', copy);
    document.removeEventListener('cut', cut);
    document.removeEventListener('paste', paste);
  };
}
