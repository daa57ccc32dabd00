import { mostScale } from './view-port';
import type { StageEditor } from './stage-editor';

export interface KeyInput {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Keys for what is selected, on the stage and in the list alike. @returns whether it was one */
export function itemKey(editor: StageEditor, input: KeyInput): boolean {
  const { commands } = editor;
  if (editor.selectedItems.length === 0 || input.altKey) return false;
  const isCommand = input.ctrlKey || input.metaKey;
  if ((input.key === 'Delete' || input.key === 'Backspace') && !isCommand) commands.remove();
  else if (isCommand && input.key.toLowerCase() === 'd') commands.duplicate();
  else if (isCommand && (input.key === ']' || input.key === '}'))
    commands.order(input.shiftKey ? 'front' : 'forward');
  else if (isCommand && (input.key === '[' || input.key === '{'))
    commands.order(input.shiftKey ? 'back' : 'backward');
  else if (input.key === 'F2') editor.rename(editor.selectedItems[0]?.item.id ?? null);
  else return false;
  return true;
}

/** Keys of the stage. @returns whether it was one */
export function stageKey(editor: StageEditor, input: KeyInput): boolean {
  const { commands } = editor;
  const isCommand = input.ctrlKey || input.metaKey;
  const arrow = arrows[input.key];
  if (arrow && !isCommand && !input.altKey) {
    const distance = input.shiftKey ? 10 : 1;
    commands.nudge(arrow[0] * distance, arrow[1] * distance);
    return true;
  }
  if (isCommand && input.key.toLowerCase() === 'a') commands.selectAll();
  else if (input.key === 'Escape') {
    const isHolding = editor.store.getState().tool.tool !== 'idle';
    if (isHolding) editor.dispatch({ type: 'cancel' });
    else editor.select([]);
  } else if (isCommand || input.altKey) return itemKey(editor, input);
  else if (input.key === '+' || input.key === '=') zoomBy(editor, 1.25);
  else if (input.key === '-') zoomBy(editor, 0.8);
  else if (input.key === '0') editor.fit();
  else if (input.key === '1') editor.zoomTo(1);
  else return itemKey(editor, input);
  return true;
}

export function zoomBy(editor: StageEditor, factor: number): void {
  editor.zoomTo(Math.min(mostScale, editor.view.scale * factor));
  editor.say(`${Math.round(editor.view.scale * 100)} %`);
}
