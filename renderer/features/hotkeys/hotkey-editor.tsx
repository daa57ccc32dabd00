import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { KeyboardEvent } from 'react';
import { defaultHotkeys, hotkeyNames } from '../../../shared/contract/settings';
import type { HotkeyName } from '../../../shared/contract/settings';
import { IconButton } from '../../ui/button';
import { classNames } from '../../ui/class-names';
import { useActions, useIsOnline, useSlice } from '../../studio-context';
import { combinationOf, combinationText, conflictsOf, hotkeyLabels, hotkeysOf } from './hotkey-combination';

/** Each command with its keys: press the button, then the keys. Backspace takes them away, Escape leaves them. */
export function HotkeyEditor() {
  const settings = useSlice('settings');
  const isOnline = useIsOnline();
  const { updateSettings } = useActions();
  const [listening, setListening] = useState<HotkeyName | null>(null);
  const hotkeys = hotkeysOf(settings);

  const assign = (name: HotkeyName, combination: string): void => {
    setListening(null);
    void updateSettings({ hotkeys: { ...settings.hotkeys, [name]: combination } });
  };
  const press = (name: HotkeyName, event: KeyboardEvent): void => {
    if (listening !== name) return;
    event.preventDefault();
    event.stopPropagation();
    const combination = combinationOf(event.nativeEvent);
    if (combination === null) return;
    if (combination === 'Escape' || combination === 'Tab') setListening(null);
    else assign(name, combination === 'Backspace' || combination === 'Delete' ? '' : combination);
  };
  return (
    <>
      <p className="mb-3 text-sm text-mute">
        Press a button, then the keys you want. Backspace takes them away, Escape leaves them as they are.
      </p>
      <ul className="flex flex-col">
        {hotkeyNames.map((name) => {
          const conflicts = conflictsOf(name, settings);
          const isListening = listening === name;
          return (
            <li key={name} className="border-b border-line py-1.5 last:border-b-0">
              <div className="flex items-center gap-3">
                <span className="min-w-0 flex-1 text-base" id={`hotkey-${name}`}>
                  {hotkeyLabels[name]}
                </span>
                <button
                  type="button"
                  aria-label={`Keys for: ${hotkeyLabels[name]}: ${isListening ? 'press keys' : combinationText(hotkeys[name])}`}
                  disabled={!isOnline}
                  className={classNames(
                    'control control-plain min-w-44 font-mono',
                    isListening && 'control-listening',
                  )}
                  onClick={() => {
                    setListening(isListening ? null : name);
                  }}
                  onBlur={() => {
                    setListening(null);
                  }}
                  onKeyDown={(event) => {
                    press(name, event);
                  }}
                >
                  {isListening ? 'Press keys…' : combinationText(hotkeys[name])}
                </button>
                <IconButton
                  label={`Reset: ${hotkeyLabels[name]}`}
                  icon={<RotateCcw size={13} />}
                  isDisabled={!isOnline || hotkeys[name] === defaultHotkeys[name]}
                  onPress={() => {
                    assign(name, defaultHotkeys[name]);
                  }}
                />
              </div>
              {conflicts.length > 0 && (
                <p role="alert" className="text-xs text-warn">
                  The same keys are set for “{conflicts.map((other) => hotkeyLabels[other]).join('”, “')}”;
                  only the first in this list answers.
                </p>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}
