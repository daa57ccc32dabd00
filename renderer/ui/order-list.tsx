import { GripVertical } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Button as AriaButton,
  DropIndicator,
  GridList,
  GridListItem,
  useDragAndDrop,
} from 'react-aria-components';
import type { Key, Selection } from 'react-aria-components';

interface OrderListProps<Row extends { readonly id: string }> {
  label: string;
  rows: readonly Row[];
  selectedIds: readonly string[];
  /** one always stays chosen, and arrow keys only look; otherwise they choose */
  isChoice?: boolean;
  isDisabled?: boolean;
  nameOf: (row: Row) => string;
  /** the row whose name is being written: it cannot be dragged meanwhile */
  renamingId: string | null;
  onSelect: (ids: readonly string[]) => void;
  /** all ids in their new order */
  onReorder: (ids: readonly string[], moved: ReadonlySet<string>) => void;
  onOpen?: (id: string) => void;
  children: (row: Row, isSelected: boolean) => ReactNode;
}

/** A list that is chosen from and put in order, by hand or by keys (the grip of a row takes Enter and arrows). */
export function OrderList<Row extends { readonly id: string }>(props: OrderListProps<Row>) {
  const { rows, isDisabled = false, isChoice = false } = props;
  const ids = rows.map(({ id }) => id);
  const { dragAndDropHooks } = useDragAndDrop({
    isDisabled: isDisabled || rows.some(({ id }) => id === props.renamingId),
    getItems: (keys) =>
      [...keys].map((key) => {
        const row = rows.find(({ id }) => id === key);
        return { 'text/plain': row ? props.nameOf(row) : String(key), [dragType]: String(key) };
      }),
    acceptedDragTypes: [dragType],
    getDropOperation: () => 'move',
    renderDropIndicator: (target) => <DropIndicator target={target} className="drop-line" />,
    onReorder: ({ keys, target }) => {
      const moved = new Set([...keys].map(String));
      const order = ids.filter((id) => !moved.has(id));
      const at = order.indexOf(String(target.key)) + (target.dropPosition === 'after' ? 1 : 0);
      order.splice(at, 0, ...ids.filter((id) => moved.has(id)));
      props.onReorder(order, moved);
    },
  });
  const choose = (selection: Selection): void => {
    props.onSelect(selection === 'all' ? ids : [...selection].map(String));
  };
  return (
    <GridList
      aria-label={props.label}
      items={rows}
      // Rows show what is not in their own data: who is renamed, who is selected.
      dependencies={[props.children, props.renamingId]}
      selectionMode={isChoice ? 'single' : 'multiple'}
      selectionBehavior={isChoice ? 'toggle' : 'replace'}
      disallowEmptySelection={isChoice}
      selectedKeys={new Set<Key>(props.selectedIds)}
      onSelectionChange={choose}
      dragAndDropHooks={dragAndDropHooks}
      className="order-list"
    >
      {(row) => (
        <GridListItem
          id={row.id}
          textValue={props.nameOf(row)}
          isDisabled={isDisabled}
          className="order-row group"
        >
          {({ isSelected }) => (
            <>
              <AriaButton slot="drag" aria-label={`Move ${props.nameOf(row)}`} className="order-grip">
                <GripVertical size={12} aria-hidden="true" />
              </AriaButton>
              <div
                className="min-w-0 flex-1"
                onDoubleClick={(event) => {
                  if (!(event.target as Element).closest('button')) props.onOpen?.(row.id);
                }}
              >
                {props.children(row, isSelected)}
              </div>
            </>
          )}
        </GridListItem>
      )}
    </GridList>
  );
}

const dragType = 'application/x-studio-row';

/** The row that a key event happened in; null: in none. */
export const rowIdOf = (target: EventTarget): string | null =>
  target instanceof Element ? (target.closest<HTMLElement>('[role=row]')?.dataset['key'] ?? null) : null;
