import { useId } from 'react';
import { colorSchema } from '../../shared/model/source';
import { FieldFrame } from './field-frame';
import { SliderField } from './slider-field';
import { expected, useDraft, useGesture, valid } from './use-draft';
import type { Answer, Gesture } from './use-draft';

interface ColorFieldProps {
  label: string;
  /** `#rrggbb` or `#rrggbbaa` */
  value: string;
  /** can it be seen through? */
  hasAlpha?: boolean;
  isDisabled?: boolean;
  onChange: (color: string, gesture: Gesture) => Answer;
}

/** 0…1 */
export const alphaOf = (color: string): number =>
  color.length === 9 ? Number.parseInt(color.slice(7), 16) / 255 : 1;

/** An opaque colour keeps its short form. */
export function withAlpha(color: string, alpha: number): string {
  const byte = Math.round(Math.min(1, Math.max(0, alpha)) * 255);
  return color.slice(0, 7) + (byte === 255 ? '' : byte.toString(16).padStart(2, '0'));
}

export function ColorField({
  label,
  value,
  hasAlpha = false,
  isDisabled = false,
  onChange,
}: ColorFieldProps) {
  const id = useId();
  const gesture = useGesture();
  const draft = useDraft({
    value,
    format: (color) => color,
    read: (text) => {
      const plain = text.trim();
      const color = (plain.startsWith('#') ? plain : `#${plain}`).toLowerCase();
      const isFit = colorSchema.safeParse(color).success && (hasAlpha || color.length === 7);
      return isFit
        ? valid(color)
        : expected(`Expected a colour as #rrggbb${hasAlpha ? ' or #rrggbbaa' : ''}.`);
    },
    onChange,
  });
  const alpha = alphaOf(value);
  return (
    <FieldFrame inputId={id} label={label} problem={draft.problem}>
      <div className="flex items-center gap-2">
        <input
          type="color"
          className="swatch"
          aria-label={`${label}: picker`}
          value={value.slice(0, 7)}
          disabled={isDisabled}
          onFocus={gesture.renew}
          onClick={gesture.renew}
          onChange={(event) => {
            draft.takeBack();
            void onChange(withAlpha(event.target.value, alpha), gesture.current());
          }}
        />
        <input
          id={id}
          type="text"
          className="field max-w-26 font-mono"
          spellCheck={false}
          autoComplete="off"
          disabled={isDisabled}
          value={draft.text}
          aria-invalid={draft.problem !== null}
          aria-describedby={draft.problem === null ? undefined : `${id}-problem`}
          onFocus={draft.begin}
          onBlur={draft.leave}
          onChange={(event) => {
            draft.set(event.target.value);
          }}
        />
        {hasAlpha && (
          <div className="min-w-0 flex-1">
            <SliderField
              label="Opacity"
              value={Math.round(alpha * 100)}
              least={0}
              most={100}
              step={1}
              format={(percent) => `${percent} %`}
              isDisabled={isDisabled}
              onChange={(percent, alphaGesture) => onChange(withAlpha(value, percent / 100), alphaGesture)}
            />
          </div>
        )}
      </div>
    </FieldFrame>
  );
}
