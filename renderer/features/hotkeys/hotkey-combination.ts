import { defaultHotkeys, hotkeyNames } from '../../../shared/contract/settings';
import type { HotkeyName, Settings } from '../../../shared/contract/settings';

/** What of a key press makes a combination. */
export interface KeyPress {
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  readonly metaKey: boolean;
}

const modifierCodes = /^(Control|Shift|Alt|Meta|OS)(Left|Right)?$/;

/** `Ctrl+Shift+KeyL`; null while only modifiers are held. The command key of a Mac counts as Ctrl. */
export function combinationOf(press: KeyPress): string | null {
  if (press.code === '' || modifierCodes.test(press.code)) return null;
  return [
    (press.ctrlKey || press.metaKey) && 'Ctrl',
    press.altKey && 'Alt',
    press.shiftKey && 'Shift',
    press.code,
  ]
    .filter((part) => part !== false)
    .join('+');
}

const keyNames: Record<string, string> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  PageUp: 'Page up',
  PageDown: 'Page down',
  Backquote: '`',
  Minus: '-',
  Equal: '=',
  Comma: ',',
  Period: '.',
  Slash: '/',
  Semicolon: ';',
  Quote: "'",
  BracketLeft: '[',
  BracketRight: ']',
  Backslash: '\\',
};

/** `Ctrl+Shift+KeyL` as it is printed on the keys: `Ctrl + Shift + L`. '' is none. */
export function combinationText(combination: string): string {
  if (combination === '') return 'None';
  return combination
    .split('+')
    .map((part) => keyNames[part] ?? part.replace(/^(Key|Digit)(?=.$)/, '').replace(/^Numpad/, 'Num '))
    .join(' + ');
}

export const hotkeyLabels: Readonly<Record<HotkeyName, string>> = {
  'live.toggle': 'Go live or stop',
  'recording.toggle': 'Record or stop',
  'replay.save': 'Save a replay',
  'microphone.mute': 'Mute or unmute the microphones',
  'scene.next': 'Next scene',
  'scene.previous': 'Previous scene',
  undo: 'Undo',
  redo: 'Redo',
};

/** What a person has set goes before what came with the studio. */
export const hotkeysOf = ({ hotkeys }: Pick<Settings, 'hotkeys'>): Record<HotkeyName, string> => ({
  ...defaultHotkeys,
  ...hotkeys,
});

export function hotkeyFor(
  combination: string | null,
  settings: Pick<Settings, 'hotkeys'>,
): HotkeyName | null {
  if (combination === null) return null;
  const hotkeys = hotkeysOf(settings);
  return hotkeyNames.find((name) => hotkeys[name] === combination) ?? null;
}

/** Names of other commands that the same keys start. */
export function conflictsOf(name: HotkeyName, settings: Pick<Settings, 'hotkeys'>): readonly HotkeyName[] {
  const hotkeys = hotkeysOf(settings);
  return hotkeyNames.filter(
    (other) => other !== name && hotkeys[name] !== '' && hotkeys[other] === hotkeys[name],
  );
}

/** Keys that write are for the field that has them; a dialog keeps its keys to itself. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('[role=dialog],[role=alertdialog],[contenteditable=true],textarea,select')) return true;
  const input = target.closest('input');
  return input !== null && !['checkbox', 'radio', 'range', 'button', 'color'].includes(input.type);
}
