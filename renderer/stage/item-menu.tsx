import { useRef } from 'react';
import { Popover } from 'react-aria-components';
import type { Alignment } from '../editor/item-plans';
import type { Point } from '../editor/geometry';
import type { PlacedItem } from '../editor/placed-item';
import type { StageEditor } from '../editor/stage-editor';
import { useEditor } from '../editor/use-editor';
import { copyText } from '../ui/copy-text';
import { MenuEntry, MenuGroup, MenuLine, MenuList, menuSurface, Submenu } from '../ui/menu';

const alignmentNames: Readonly<Record<Alignment, string>> = {
  left: 'Left edges',
  centre: 'Centres, across',
  right: 'Right edges',
  top: 'Top edges',
  middle: 'Centres, down',
  bottom: 'Bottom edges',
};

interface ItemMenuProps {
  /** CSS pixels of what it lies in; null: closed */
  at: Point | null;
  /** what lies under the pointer, the topmost first: offered to choose from when there are several */
  here?: readonly PlacedItem[];
  onClose: () => void;
}

/** All commands for what is selected; without a selection those of the canvas. */
export function ItemMenu({ at, here = [], onClose }: ItemMenuProps) {
  const editor = useEditor();
  const anchorRef = useRef<HTMLSpanElement>(null);
  return (
    <>
      <span
        ref={anchorRef}
        aria-hidden="true"
        className="pointer-events-none absolute size-0"
        style={{ left: at?.x ?? 0, top: at?.y ?? 0 }}
      />
      <Popover
        aria-label="Commands"
        triggerRef={anchorRef}
        isOpen={at !== null}
        placement="bottom start"
        offset={2}
        onOpenChange={(isOpen) => {
          if (!isOpen) onClose();
        }}
        className={menuSurface}
      >
        {at && <Entries editor={editor} here={here} onClose={onClose} />}
      </Popover>
    </>
  );
}

/** The clipboard as the browser allows it; where it does not, what was copied in this window. */
async function clipboardText(editor: StageEditor): Promise<string> {
  try {
    return await navigator.clipboard.readText();
  } catch {
    return editor.commands.lastCopied;
  }
}

interface EntriesProps {
  editor: StageEditor;
  here: readonly PlacedItem[];
  onClose: () => void;
}

function Entries({ editor, here, onClose }: EntriesProps) {
  const { commands } = editor;
  const chosen = editor.selectedItems;
  const [first] = chosen;
  const paste = (): void => void clipboardText(editor).then((text) => commands.paste(text));
  if (!first) {
    return (
      <MenuList label="Canvas" onClose={onClose}>
        <MenuEntry label="Paste" keys="Ctrl+V" onAction={paste} />
        <MenuEntry label="Select all" keys="Ctrl+A" onAction={() => commands.selectAll()} />
        <MenuLine />
        <MenuEntry label="Show the whole canvas" keys="0" onAction={() => editor.fit()} />
        <MenuEntry label="Zoom to 100 %" keys="1" onAction={() => editor.zoomTo(1)} />
      </MenuList>
    );
  }
  const isVisible = chosen.every(({ item }) => item.visible);
  const isLocked = chosen.every(({ item }) => item.isLocked);
  return (
    <MenuList label="Item" onClose={onClose}>
      <MenuGroup label={chosen.length === 1 ? first.name : `${chosen.length} items`}>
        <MenuEntry label="Cut" keys="Ctrl+X" onAction={() => void copyText(commands.cut() ?? '')} />
        <MenuEntry label="Copy" keys="Ctrl+C" onAction={() => void copyText(commands.copy() ?? '')} />
        <MenuEntry label="Paste" keys="Ctrl+V" onAction={paste} />
        <MenuEntry label="Duplicate" keys="Ctrl+D" onAction={() => commands.duplicate()} />
        <MenuEntry label="Rename" keys="F2" onAction={() => editor.rename(first.item.id)} />
        <MenuEntry label="Delete" keys="Del" onAction={() => commands.remove()} />
      </MenuGroup>
      <MenuLine />
      <Submenu label="Order">
        <MenuEntry label="Bring to front" keys="Ctrl+Shift+]" onAction={() => commands.order('front')} />
        <MenuEntry label="Bring forward" keys="Ctrl+]" onAction={() => commands.order('forward')} />
        <MenuEntry label="Send backward" keys="Ctrl+[" onAction={() => commands.order('backward')} />
        <MenuEntry label="Send to back" keys="Ctrl+Shift+[" onAction={() => commands.order('back')} />
      </Submenu>
      <Submenu label="Size and turn">
        <MenuEntry label="Fit to canvas" onAction={() => commands.fit('fit')} />
        <MenuEntry label="Stretch to canvas" onAction={() => commands.fit('stretch')} />
        <MenuEntry label="Centre on canvas" onAction={() => commands.centre()} />
        <MenuLine />
        <MenuEntry label="Turn right by 90°" onAction={() => commands.turn(90)} />
        <MenuEntry label="Turn left by 90°" onAction={() => commands.turn(-90)} />
        <MenuEntry label="Flip left and right" onAction={() => commands.flip('x')} />
        <MenuEntry label="Flip top and bottom" onAction={() => commands.flip('y')} />
        <MenuLine />
        <MenuEntry label="Reset" onAction={() => commands.reset()} />
      </Submenu>
      <Submenu label={chosen.length === 1 ? 'Align to canvas' : 'Align to each other'}>
        {(Object.keys(alignmentNames) as Alignment[]).map((to) => (
          <MenuEntry key={to} label={alignmentNames[to]} onAction={() => commands.align(to)} />
        ))}
      </Submenu>
      <Submenu label="Opacity">
        {[100, 75, 50, 25, 10].map((percent) => (
          <MenuEntry
            key={percent}
            label={`${percent} %`}
            onAction={() => commands.setOpacity(percent / 100)}
          />
        ))}
      </Submenu>
      <MenuLine />
      <MenuEntry label={isVisible ? 'Hide' : 'Show'} onAction={() => commands.setVisible(!isVisible)} />
      <MenuEntry label={isLocked ? 'Unlock' : 'Lock'} onAction={() => commands.setLocked(!isLocked)} />
      {here.length > 1 && (
        <Submenu label="Select">
          {here.map(({ item, name }) => (
            <MenuEntry key={item.id} label={name} onAction={() => editor.select([item.id])} />
          ))}
        </Submenu>
      )}
    </MenuList>
  );
}
