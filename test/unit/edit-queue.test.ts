import { describe, expect, it } from 'vitest';
import { EditQueue } from '../../renderer/editor/edit-queue';
import type { QueuedEdit } from '../../renderer/editor/edit-queue';
import type { EditInput } from '../../shared/model/edit';

describe('the queue of edits', () => {
  const move = (gesture: string, x: number, isReplaceable = true): QueuedEdit => ({
    edits: [{ type: 'item.update', itemId: 'i', patch: { x } }],
    label: 'Move',
    gesture,
    isReplaceable,
  });
  const places = (sent: readonly Pick<QueuedEdit, 'edits'>[]): unknown[] =>
    sent.flatMap(({ edits }) => edits.map((edit) => edit.type === 'item.update' && edit.patch.x));

  it('has one under way, and sends the newest of a drag next', async () => {
    const sent: Pick<QueuedEdit, 'edits'>[] = [];
    const answers: ((answer: unknown) => void)[] = [];
    let ends = 0;
    const queue = new EditQueue(
      (edit) => {
        sent.push(edit);
        return new Promise((resolve) => answers.push(resolve));
      },
      () => ends++,
    );
    for (const x of [1, 2, 3, 4]) queue.push(move('drag', x));
    expect(places(sent)).toEqual([1]);
    queue.push(move('other', 5, false));
    for (const x of [6, 7]) queue.push(move('drag', x));
    while (!queue.isIdle) {
      answers.shift()?.({});
      await new Promise(setImmediate);
    }
    // Another gesture keeps its place between them.
    expect(places(sent)).toEqual([1, 4, 5, 7]);
    expect(ends).toBe(1);
  });

  it('gives up the rest of a gesture that was refused, and goes on with others', async () => {
    const sent: Pick<QueuedEdit, 'edits'>[] = [];
    const outcomes: boolean[] = [];
    const queue = new EditQueue(
      async (edit) => {
        sent.push(edit);
        return edit.gesture === 'bad' ? null : {};
      },
      (hasFailed) => outcomes.push(hasFailed),
    );
    queue.push(move('bad', 1));
    queue.push(move('bad', 2));
    queue.push(move('good', 3));
    while (!queue.isIdle) await new Promise(setImmediate);
    expect(places(sent)).toEqual([1, 3]);
    expect(outcomes).toEqual([true]);
  });

  it('splits what is more than one command takes', async () => {
    const sizes: number[] = [];
    const queue = new EditQueue(
      async ({ edits }) => sizes.push(edits.length),
      () => undefined,
    );
    const many = Array.from({ length: 1100 }, (_, x) => move('g', x).edits[0] as EditInput);
    queue.push({ ...move('g', 0), edits: many });
    while (!queue.isIdle) await new Promise(setImmediate);
    expect(sizes).toEqual([500, 500, 100]);
  });
});
