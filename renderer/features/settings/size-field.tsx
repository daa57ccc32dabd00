import { useState } from 'react';
import { NumberField } from '../../ui/number-field';
import { SelectField } from '../../ui/select-field';
import { sizePresets, sizeText } from './video-draft';

interface Size {
  width: number;
  height: number;
}

interface SizeFieldProps {
  label: string;
  hint: string;
  /** null: that of `sameAs` */
  size: Size | null;
  /** the choice that stands for null; absent: a size must be chosen */
  sameAs?: string;
  fixedNote: string | undefined;
  isDisabled: boolean;
  onChange: (size: Size | null) => void;
}

const custom = 'custom';
const same = 'same';

const even = (value: number): string | null =>
  value % 2 === 0
    ? null
    : `Expected an even number, such as ${value + 1}: video is coded in pairs of pixels.`;

/** A usual size, or one's own: even numbers, as video needs them. */
export function SizeField({ label, hint, size, sameAs, fixedNote, isDisabled, onChange }: SizeFieldProps) {
  const preset =
    size && sizePresets.find(({ width, height }) => width === size.width && height === size.height);
  const [isCustom, setCustom] = useState(size !== null && !preset);
  const key = isCustom && size ? custom : size === null ? same : sizeText(size);
  return (
    <div className="flex flex-col gap-2">
      <SelectField
        label={label}
        value={key}
        hint={fixedNote ?? hint}
        isDisabled={isDisabled}
        choices={[
          ...(sameAs === undefined ? [] : [{ value: same, label: sameAs }]),
          ...sizePresets.map((each) => ({ value: sizeText(each), label: sizeText(each) })),
          { value: custom, label: 'Another size…' },
        ]}
        onChange={(chosen) => {
          setCustom(chosen === custom);
          if (chosen === same) onChange(null);
          else if (chosen === custom) onChange(size ?? sizePresets[2]);
          else {
            const found = sizePresets.find((each) => sizeText(each) === chosen);
            if (found) onChange({ ...found });
          }
        }}
      />
      {key === custom && size && (
        <div className="grid grid-cols-2 gap-2">
          <NumberField
            label={`${label}: width`}
            value={size.width}
            least={16}
            most={8192}
            step={2}
            unit="px"
            check={even}
            isDisabled={isDisabled}
            onChange={(width) => {
              onChange({ ...size, width });
            }}
          />
          <NumberField
            label={`${label}: height`}
            value={size.height}
            least={16}
            most={8192}
            step={2}
            unit="px"
            check={even}
            isDisabled={isDisabled}
            onChange={(height) => {
              onChange({ ...size, height });
            }}
          />
        </div>
      )}
    </div>
  );
}
