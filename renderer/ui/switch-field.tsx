import { useId } from 'react';

interface SwitchFieldProps {
  label: string;
  hint?: string;
  /** null: several things are different */
  isOn: boolean | null;
  isDisabled?: boolean;
  onChange: (isOn: boolean) => unknown;
}

export function SwitchField({ label, hint, isOn, isDisabled = false, onChange }: SwitchFieldProps) {
  const id = useId();
  return (
    <div className="flex items-center gap-2.5">
      <span className="min-w-0 flex-1">
        <label htmlFor={id} className="text-sm text-soft">
          {label}
        </label>
        {hint !== undefined && (
          <span id={`${id}-hint`} className="block text-xs text-mute">
            {hint}
          </span>
        )}
      </span>
      <input
        id={id}
        ref={(element) => {
          if (element) element.indeterminate = isOn === null;
        }}
        type="checkbox"
        role="switch"
        className="switch"
        checked={isOn === true}
        disabled={isDisabled}
        aria-describedby={hint !== undefined ? `${id}-hint` : undefined}
        onChange={(event) => {
          onChange(event.target.checked);
        }}
      />
    </div>
  );
}
