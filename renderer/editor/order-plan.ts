import type { EditInput } from '../../shared/model/edit';
import type { EditPlan } from './item-plans';
import type { PlacedItem } from './placed-item';
import { labelFor } from './tools/drag';

export type OrderStep = 'front' | 'forward' | 'backward' | 'back';

/** The moves that turn one order into another; each is applied to the outcome of those before it. */
export function movesBetween(
  from: readonly string[],
  to: readonly string[],
): { id: string; index: number }[] {
  const current = [...from];
  const moves: { id: string; index: number }[] = [];
  to.forEach((id, index) => {
    const at = current.indexOf(id);
    if (at === index) return;
    current.splice(at, 1);
    current.splice(index, 0, id);
    moves.push({ id, index });
  });
  return moves;
}

/** The chosen ones, in their order, one step or all the way; the bottom one is first. */
export function reordered(
  ids: readonly string[],
  chosen: ReadonlySet<string>,
  step: OrderStep,
): readonly string[] {
  const rest = ids.filter((id) => !chosen.has(id));
  const moving = ids.filter((id) => chosen.has(id));
  if (step === 'front') return [...rest, ...moving];
  if (step === 'back') return [...moving, ...rest];
  const next = [...ids];
  // From the end that they move to, so that none jumps over another of them.
  const places = step === 'forward' ? [...next.keys()].reverse() : [...next.keys()];
  const by = step === 'forward' ? 1 : -1;
  for (const at of places) {
    const [id, neighbour] = [next[at], next[at + by]];
    if (id === undefined || neighbour === undefined || !chosen.has(id) || chosen.has(neighbour)) continue;
    next[at] = neighbour;
    next[at + by] = id;
  }
  return next;
}

export function orderPlan(
  items: readonly PlacedItem[],
  chosen: ReadonlySet<string>,
  to: readonly string[],
): EditPlan {
  const edits = movesBetween(
    items.map(({ item }) => item.id),
    to,
  ).map(({ id, index }): EditInput => ({ type: 'item.move', itemId: id, index }));
  return {
    edits,
    label: labelFor(
      'Reorder',
      items.filter(({ item }) => chosen.has(item.id)),
    ),
  };
}
