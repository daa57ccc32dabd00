import {
  AlignCenterHorizontal,
  AlignCenterVertical,
  AlignEndHorizontal,
  AlignEndVertical,
  AlignStartHorizontal,
  AlignStartVertical,
  FlipHorizontal2,
  FlipVertical2,
  Link2,
  Link2Off,
  Maximize,
  RotateCcw,
  StretchHorizontal,
} from 'lucide-react';
import { memo, useDeferredValue, useState } from 'react';
import { itemBox } from '../../../shared/model/placement';
import type { ItemBox } from '../../../shared/model/placement';
import type { SceneItem } from '../../../shared/model/scene';
import type { SourceView } from '../../../shared/contract/show';
import { Button, IconButton, IconToggle } from '../../ui/button';
import { NumberField } from '../../ui/number-field';
import { SwitchField } from '../../ui/switch-field';
import { useSlice } from '../../studio-context';
import { aligned, fitted, resetPatch, resized, wholePicture } from './arrange';
import type { Edge, Size } from './arrange';
import { FilterFields } from './filter-fields';
import { Row, Section } from './section';
import { useItemEdits } from './use-edits';
import type { PatchItems } from './use-edits';

interface ItemSectionProps {
  /** at least one */
  items: readonly SceneItem[];
  sources: readonly SourceView[];
}

/** The value that all share; null: they differ. */
export function commonValue<Value>(
  items: readonly SceneItem[],
  of: (item: SceneItem) => Value,
): Value | null {
  const [first, ...rest] = items.map(of);
  return first !== undefined && rest.every((value) => value === first) ? first : null;
}

/** An item whose source has not told its size has a box only if it was given one. */
export function boxOf(item: SceneItem, size: Size | null): ItemBox | null {
  if (size) return itemBox(item, size);
  return item.width !== undefined && item.height !== undefined
    ? itemBox(item, { width: 1, height: 1 })
    : null;
}

/**
 * Where and how items lie in the scene. With several, a field shows what they share and changes all of them. While they
 * are dragged the numbers follow when the picture's frame has been drawn.
 */
export function ItemSection({ items, sources }: ItemSectionProps) {
  return <ItemFields items={useDeferredValue(items)} sources={sources} />;
}

const ItemFields = memo(function ItemFields({ items, sources }: ItemSectionProps) {
  const canvas = useSlice('program');
  const [isLinked, setLinked] = useState(true);
  const sizes = new Map(sources.map(({ id, size }) => [id, size]));
  const sizeOf = (item: SceneItem): Size | null => sizes.get(item.sourceId) ?? null;
  const name =
    items.length === 1
      ? (sources.find(({ id }) => id === items[0]?.sourceId)?.name ?? 'item')
      : `${items.length} items`;
  const patch = useItemEdits(items, name);
  const box = (item: SceneItem): ItemBox | null => boxOf(item, sizeOf(item));
  const isLocked = commonValue(items, (item) => item.isLocked);
  const hasBoxes = items.every((item) => box(item) !== null);
  const setSize = (change: { width: number } | { height: number }, gesture: string) =>
    patch(
      (item) => {
        const now = box(item);
        return now && resized(now, change, isLinked);
      },
      'Size',
      gesture,
    );
  return (
    <>
      <Section title="Place">
        <Row>
          <NumberField
            label="X"
            value={commonValue(items, ({ x }) => x)}
            least={-16_384}
            most={16_384}
            unit="px"
            onChange={(x, gesture) => patch(() => ({ x }), 'Position', gesture)}
          />
          <NumberField
            label="Y"
            value={commonValue(items, ({ y }) => y)}
            least={-16_384}
            most={16_384}
            unit="px"
            onChange={(y, gesture) => patch(() => ({ y }), 'Position', gesture)}
          />
        </Row>
        <div className="grid grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)] items-end gap-1">
          <NumberField
            label="Width"
            value={commonValue(items, (item) => box(item)?.width ?? null)}
            least={1}
            most={16_384}
            unit="px"
            isDisabled={!hasBoxes}
            onChange={(width, gesture) => setSize({ width }, gesture)}
          />
          <IconToggle
            label="Keep proportions"
            isSelected={isLinked}
            icon={isLinked ? <Link2 size={15} /> : <Link2Off size={15} />}
            onChange={setLinked}
          />
          <NumberField
            label="Height"
            value={commonValue(items, (item) => box(item)?.height ?? null)}
            least={1}
            most={16_384}
            unit="px"
            isDisabled={!hasBoxes}
            onChange={(height, gesture) => setSize({ height }, gesture)}
          />
        </div>
        <div className="flex items-end gap-2">
          <NumberField
            label="Rotation"
            className="flex-1"
            value={commonValue(items, ({ rotation }) => rotation)}
            least={-360}
            most={360}
            digits={1}
            unit="°"
            onChange={(rotation, gesture) => patch(() => ({ rotation }), 'Rotation', gesture)}
          />
          <IconToggle
            label="Flip left and right"
            isSelected={commonValue(items, ({ isFlippedX }) => isFlippedX) === true}
            icon={<FlipHorizontal2 size={15} />}
            onChange={(isFlippedX) => void patch(() => ({ isFlippedX }), 'Flip')}
          />
          <IconToggle
            label="Flip upside down"
            isSelected={commonValue(items, ({ isFlippedY }) => isFlippedY) === true}
            icon={<FlipVertical2 size={15} />}
            onChange={(isFlippedY) => void patch(() => ({ isFlippedY }), 'Flip')}
          />
        </div>
        <AlignButtons items={items} box={box} canvas={canvas} patch={patch} />
        <div className="flex flex-wrap gap-1.5">
          <Button
            isDisabled={!hasBoxes}
            onPress={() => patch((item) => fitIn(item, sizeOf(item), canvas, 'contain'), 'Fit')}
          >
            <Maximize size={13} aria-hidden="true" />
            Fit
          </Button>
          <Button
            isDisabled={!hasBoxes}
            onPress={() => patch((item) => fitIn(item, sizeOf(item), canvas, 'stretch'), 'Stretch')}
          >
            <StretchHorizontal size={13} aria-hidden="true" />
            Stretch
          </Button>
          <Button onPress={() => patch(() => resetPatch, 'Reset')}>
            <RotateCcw size={13} aria-hidden="true" />
            Reset
          </Button>
        </div>
        <SwitchField
          label="Visible"
          isOn={commonValue(items, ({ visible }) => visible)}
          onChange={(visible) => patch(() => ({ visible }), 'Visibility')}
        />
        <SwitchField
          label="Locked"
          hint="The picture leaves it alone; fields still change it."
          isOn={isLocked}
          onChange={(locked) => patch(() => ({ isLocked: locked }), 'Lock')}
        />
      </Section>
      <FilterFields items={items} sizeOf={sizeOf} patch={patch} />
    </>
  );
});

function fitIn(item: SceneItem, size: Size | null, canvas: Size, how: 'contain' | 'stretch') {
  const now = boxOf(item, size);
  if (!now) return null;
  return size ? fitted(item, size, canvas, how) : fitted({ crop: wholePicture }, now, canvas, how);
}

const edges: readonly { edge: Edge; label: string; Icon: typeof Maximize }[] = [
  { edge: 'left', label: 'Align left', Icon: AlignStartVertical },
  { edge: 'centre', label: 'Centre horizontally', Icon: AlignCenterVertical },
  { edge: 'right', label: 'Align right', Icon: AlignEndVertical },
  { edge: 'top', label: 'Align to the top', Icon: AlignStartHorizontal },
  { edge: 'middle', label: 'Centre vertically', Icon: AlignCenterHorizontal },
  { edge: 'bottom', label: 'Align to the bottom', Icon: AlignEndHorizontal },
];

interface AlignButtonsProps {
  items: readonly SceneItem[];
  box: (item: SceneItem) => ItemBox | null;
  canvas: Size;
  patch: PatchItems;
}

function AlignButtons({ items, box, canvas, patch }: AlignButtonsProps) {
  const isDisabled = items.some((item) => box(item) === null);
  return (
    <div role="group" aria-label="Align to the canvas" className="flex gap-0.5">
      {edges.map(({ edge, label, Icon }) => (
        <IconButton
          key={edge}
          label={label}
          icon={<Icon size={15} />}
          isDisabled={isDisabled}
          onPress={() =>
            patch((item) => {
              const now = box(item);
              return now && aligned(now, canvas, edge);
            }, 'Alignment')
          }
        />
      ))}
    </div>
  );
}
