import type { ChromaKey, SceneItem } from '../../../shared/model/scene';
import { ColorField } from '../../ui/color-field';
import { NumberField } from '../../ui/number-field';
import { SliderField } from '../../ui/slider-field';
import { SwitchField } from '../../ui/switch-field';
import { cropped } from './arrange';
import type { Size } from './arrange';
import { Row, Section } from './section';
import type { PatchItems } from './use-edits';

interface FilterFieldsProps {
  items: readonly SceneItem[];
  sizeOf: (item: SceneItem) => Size | null;
  patch: PatchItems;
}

const defaultKey: ChromaKey = { color: '#00b140', similarity: 0.2, smoothness: 0.08 };

const percent = (part: number): string => `${Math.round(part * 100)} %`;
const edges = [
  ['left', 'From the left'],
  ['right', 'From the right'],
  ['top', 'From the top'],
  ['bottom', 'From the bottom'],
] as const;
const opposite = { left: 'right', right: 'left', top: 'bottom', bottom: 'top' } as const;

/** What is done to the picture of an item: opacity, crop, chroma key. With several, the first one's values are shown. */
export function FilterFields({ items, sizeOf, patch }: FilterFieldsProps) {
  const [first] = items;
  if (!first) return null;
  const { chromaKey } = first;
  const patchKey = (part: Partial<ChromaKey>, gesture: string) =>
    patch(
      (item) => ({ chromaKey: { ...defaultKey, ...chromaKey, ...item.chromaKey, ...part } }),
      'Chroma key',
      gesture,
    );
  return (
    <>
      <Section title="Look">
        <SliderField
          label="Opacity"
          value={first.opacity}
          least={0}
          most={1}
          step={0.01}
          format={percent}
          onChange={(opacity, gesture) => patch(() => ({ opacity }), 'Opacity', gesture)}
        />
        <SwitchField
          label="Chroma key"
          hint="One colour becomes transparent, as with a green screen."
          isOn={chromaKey !== null}
          onChange={(isOn) => patch(() => ({ chromaKey: isOn ? defaultKey : null }), 'Chroma key')}
        />
        {chromaKey && (
          <div className="flex flex-col gap-2.5 border-l border-line pl-3">
            <ColorField
              label="Key colour"
              value={chromaKey.color}
              onChange={(color, gesture) => patchKey({ color }, gesture)}
            />
            <SliderField
              label="Similarity"
              value={chromaKey.similarity}
              least={0}
              most={1}
              step={0.01}
              format={percent}
              onChange={(similarity, gesture) => patchKey({ similarity }, gesture)}
            />
            <SliderField
              label="Smoothness"
              value={chromaKey.smoothness}
              least={0}
              most={1}
              step={0.01}
              format={percent}
              onChange={(smoothness, gesture) => patchKey({ smoothness }, gesture)}
            />
          </div>
        )}
      </Section>
      <Section title="Crop" isClosedAtFirst={Object.values(first.crop).every((edge) => edge === 0)}>
        <Row>
          {edges.map(([edge, label]) => {
            const size = sizeOf(first);
            const side = size && (edge === 'left' || edge === 'right' ? size.width : size.height);
            // At least one pixel of the picture stays.
            const most = side ? Math.min(8192, Math.max(0, side - first.crop[opposite[edge]] - 1)) : 8192;
            return (
              <NumberField
                key={edge}
                label={label}
                value={first.crop[edge]}
                least={0}
                most={most}
                unit="px"
                onChange={(value, gesture) =>
                  patch((item) => cropped(item, sizeOf(item), edge, value), 'Crop', gesture)
                }
              />
            );
          })}
        </Row>
        <p className="text-xs text-mute">In pixels of its own picture, before it is scaled.</p>
      </Section>
    </>
  );
}
