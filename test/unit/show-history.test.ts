import { expect, it } from 'vitest';
import { collectionSchema } from '../../shared/model/collection';
import type { Collection } from '../../shared/model/collection';
import { ShowHistory } from '../../electron/studio/show-history';

const named = (name: string): Collection =>
  collectionSchema.parse({ version: 1, name, sources: [], scenes: [{ id: 's', name: 'S', items: [] }] });

it('keeps no step of a gesture that ends where it began, and takes what comes after for one of its own', () => {
  const history = new ShowHistory();
  history.add({ label: 'First', before: named('0'), after: named('1') }, 'other');
  history.add({ label: 'Drag', before: named('1'), after: named('2') }, 'drag');
  history.add({ label: 'Drag', before: named('2'), after: named('1') }, 'drag');
  expect(history.undoLabel).toBe('First');
  history.add({ label: 'Drag on', before: named('1'), after: named('3') }, 'drag');
  expect(history.undo()).toEqual({ label: 'Drag on', before: named('1'), after: named('3') });
  expect(history.undo()?.label).toBe('First');
});
