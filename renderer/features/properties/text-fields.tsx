import { AlignCenter, AlignLeft, AlignRight } from 'lucide-react';
import { useState } from 'react';
import type { SourceSettingsOf, TextStyle } from '../../../shared/model/source';
import type { SourceView } from '../../../shared/contract/show';
import { ColorField } from '../../ui/color-field';
import { DraftTextField } from '../../ui/draft-text-field';
import { NumberField } from '../../ui/number-field';
import { SegmentedField } from '../../ui/segmented-field';
import { SelectField } from '../../ui/select-field';
import { SwitchField } from '../../ui/switch-field';
import { Row } from './section';
import { partOf, useSourceEdits } from './use-edits';
import type { PatchSource } from './use-edits';

/** Inter is shipped; the others are where most systems have them. Any other family may be named. */
const commonFonts = [
  'Inter',
  'Arial',
  'DejaVu Sans',
  'DejaVu Sans Mono',
  'DejaVu Serif',
  'Georgia',
  'Helvetica',
  'Impact',
  'Noto Sans',
  'Noto Serif',
  'Roboto',
  'Times New Roman',
  'Verdana',
] as const;
const otherFont = 'other…';

export function TextFields({ source, settings }: { source: SourceView; settings: SourceSettingsOf<'text'> }) {
  const patch = useSourceEdits(source);
  return (
    <>
      <DraftTextField
        label="Text"
        isMultiline
        isOptional
        value={settings.text}
        mostLength={20_000}
        onChange={(text, gesture) => patch({ text }, 'Text', gesture)}
      />
      <StyleFields style={settings} patch={patch} />
      <SwitchField
        label="Wrap long lines"
        isOn={settings.wrapWidthPx !== null}
        onChange={(isOn) => patch({ wrapWidthPx: isOn ? 800 : null }, 'Wrapping')}
      />
      {settings.wrapWidthPx !== null && (
        <NumberField
          label="Width of a line"
          value={settings.wrapWidthPx}
          least={16}
          most={8192}
          step={10}
          unit="px"
          onChange={(wrapWidthPx, gesture) => patch({ wrapWidthPx }, 'Wrapping', gesture)}
        />
      )}
    </>
  );
}

const longestHours = 99;

export function ClockFields({
  source,
  settings,
}: {
  source: SourceView;
  settings: SourceSettingsOf<'clock'>;
}) {
  const patch = useSourceEdits(source);
  const { durationSec } = settings;
  const [hours, minutes, seconds] = [
    Math.floor(durationSec / 3600),
    Math.floor(durationSec / 60) % 60,
    durationSec % 60,
  ];
  const setDuration = (next: number, gesture: string) => patch({ durationSec: next }, 'Duration', gesture);
  return (
    <>
      <SegmentedField
        label="Shows"
        value={settings.mode}
        choices={[
          { value: 'clock', label: 'Time of day' },
          { value: 'countdown', label: 'Countdown' },
          { value: 'countup', label: 'Stopwatch' },
        ]}
        onChange={(mode) => patch({ mode }, 'Mode')}
      />
      {settings.mode === 'countdown' && (
        <fieldset>
          <legend className="mb-1 text-xs font-medium text-soft">Counts down from</legend>
          <div className="grid grid-cols-3 gap-2">
            <NumberField
              label="Hours"
              value={hours}
              least={0}
              most={longestHours}
              unit="h"
              onChange={(next, gesture) => setDuration(durationSec + (next - hours) * 3600, gesture)}
            />
            <NumberField
              label="Minutes"
              value={minutes}
              least={0}
              most={59}
              unit="min"
              onChange={(next, gesture) => setDuration(durationSec + (next - minutes) * 60, gesture)}
            />
            <NumberField
              label="Seconds"
              value={seconds}
              least={0}
              most={59}
              unit="s"
              onChange={(next, gesture) => setDuration(durationSec + next - seconds, gesture)}
            />
          </div>
        </fieldset>
      )}
      <StyleFields style={settings} patch={patch} />
    </>
  );
}

/** How letters look, the same for texts and clocks. */
function StyleFields({ style, patch }: { style: TextStyle; patch: PatchSource }) {
  const { outline, shadow } = style;
  return (
    <>
      <FontField font={style.font} patch={patch} />
      <Row>
        <NumberField
          label="Size"
          value={style.sizePx}
          least={4}
          most={2000}
          unit="px"
          digits={1}
          onChange={(sizePx, gesture) => patch({ sizePx }, 'Size', gesture)}
        />
        <SegmentedField
          label="Weight"
          value={style.weight}
          choices={[
            { value: 'regular', label: 'Regular' },
            { value: 'bold', label: 'Bold' },
          ]}
          onChange={(weight) => patch({ weight }, 'Weight')}
        />
      </Row>
      <SegmentedField
        label="Alignment"
        value={style.align}
        choices={[
          { value: 'left', label: 'Left', icon: <AlignLeft size={15} /> },
          { value: 'center', label: 'Centred', icon: <AlignCenter size={15} /> },
          { value: 'right', label: 'Right', icon: <AlignRight size={15} /> },
        ]}
        onChange={(align) => patch({ align }, 'Alignment')}
      />
      <ColorField
        label="Colour"
        value={style.color}
        hasAlpha
        onChange={(color, gesture) => patch({ color }, 'Colour', gesture)}
      />
      <SwitchField
        label="Outline"
        isOn={outline !== null}
        onChange={(isOn) => patch({ outline: isOn ? { color: '#000000', widthPx: 3 } : null }, 'Outline')}
      />
      {outline && (
        <div className="flex flex-col gap-2.5 border-l border-line pl-3">
          <NumberField
            label="Outline width"
            value={outline.widthPx}
            least={0}
            most={100}
            unit="px"
            digits={1}
            onChange={(widthPx, gesture) => patch(partOf('outline', { widthPx }), 'Outline', gesture)}
          />
          <ColorField
            label="Outline colour"
            value={outline.color}
            hasAlpha
            onChange={(color, gesture) => patch(partOf('outline', { color }), 'Outline', gesture)}
          />
        </div>
      )}
      <SwitchField
        label="Shadow"
        isOn={shadow !== null}
        onChange={(isOn) =>
          patch(
            { shadow: isOn ? { color: '#000000b3', blurPx: 8, offsetXPx: 3, offsetYPx: 3 } : null },
            'Shadow',
          )
        }
      />
      {shadow && (
        <div className="flex flex-col gap-2.5 border-l border-line pl-3">
          <div className="grid grid-cols-3 gap-2">
            {(
              [
                ['offsetXPx', 'Right', -500, 500],
                ['offsetYPx', 'Down', -500, 500],
                ['blurPx', 'Blur', 0, 200],
              ] as const
            ).map(([name, label, least, most]) => (
              <NumberField
                key={name}
                label={label}
                value={shadow[name]}
                least={least}
                most={most}
                unit="px"
                digits={1}
                onChange={(value, gesture) => patch(partOf('shadow', { [name]: value }), 'Shadow', gesture)}
              />
            ))}
          </div>
          <ColorField
            label="Shadow colour"
            value={shadow.color}
            hasAlpha
            onChange={(color, gesture) => patch(partOf('shadow', { color }), 'Shadow', gesture)}
          />
        </div>
      )}
    </>
  );
}

function FontField({ font, patch }: { font: string; patch: PatchSource }) {
  const isCommon = commonFonts.some((name) => name === font);
  const [isTyping, setTyping] = useState(!isCommon);
  return (
    <>
      <SelectField
        label="Font"
        value={isTyping ? otherFont : font}
        choices={[
          ...commonFonts.map((name) => ({ value: name, label: name })),
          { value: otherFont, label: 'Other…' },
        ]}
        onChange={(chosen) => {
          setTyping(chosen === otherFont);
          return chosen === otherFont ? undefined : patch({ font: chosen }, 'Font');
        }}
      />
      {isTyping && (
        <DraftTextField
          label="Font family"
          value={font}
          mostLength={200}
          isSentOnLeaving
          hint="As it is called on the computer that runs the studio."
          onChange={(typed, gesture) => patch({ font: typed.trim() }, 'Font', gesture)}
        />
      )}
    </>
  );
}
