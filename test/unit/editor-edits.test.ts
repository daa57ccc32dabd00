import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  copiedItems,
  copiedText,
  duplicateScenePlan,
  freeName,
  pastePlan,
  readCopied,
} from '../../renderer/editor/clipboard';
import { alignPlan, centrePlan, fitPlan, nudgePlan } from '../../renderer/editor/item-plans';
import { movesBetween, orderPlan, reordered } from '../../renderer/editor/order-plan';
import { chosenItems, placeItems } from '../../renderer/editor/placed-item';
import { StageEditor } from '../../renderer/editor/stage-editor';
import { createSelectionStore } from '../../renderer/store/selection-store';
import { createStudioStore } from '../../renderer/store/studio-store';
import type { Snapshot } from '../../shared/contract/snapshot';
import { applyEdits } from '../../shared/model/apply-edit';
import type { Collection } from '../../shared/model/collection';
import { editSchema } from '../../shared/model/edit';
import type { EditInput } from '../../shared/model/edit';
import { believableSnapshot } from '../support/contract-peer-state';

const canvas = { width: 1920, height: 1080 };
const collectionOf = (snapshot: Snapshot): Collection => ({
  version: 1,
  name: 'Show',
  sources: snapshot.sources.map(({ settings }) => settings),
  scenes: snapshot.scenes,
  transition: { kind: 'cut', durationMs: 300 },
});
const applied = (snapshot: Snapshot, edits: readonly EditInput[]): Collection =>
  applyEdits(
    collectionOf(snapshot),
    edits.map((edit) => editSchema.parse(edit)),
  );
const counter = (): (() => string) => {
  let last = 0;
  return () => `new-${++last}`;
};

describe('what lies where', () => {
  const snapshot = believableSnapshot();
  const placed = placeItems(snapshot.scenes[1], snapshot.sources);
  const patches = (edits: readonly EditInput[]): unknown[] =>
    edits.map((edit) => edit.type === 'item.update' && edit.patch);

  it('one is aligned to the canvas, several to one another', () => {
    const webcam = chosenItems(placed, ['g2']);
    expect(patches(alignPlan(webcam, 'right', canvas).edits)).toEqual([{ x: 1440, y: 700 }]);
    expect(patches(alignPlan(webcam, 'middle', canvas).edits)).toEqual([{ x: 1360, y: 405 }]);
    const two = chosenItems(placed, ['g2', 'g3']);
    // The title is 812×78 at 96, 900; the frame around both ends at 1840 and 978.
    expect(patches(alignPlan(two, 'left', canvas).edits)).toEqual([
      { x: 96, y: 700 },
      { x: 96, y: 900 },
    ]);
    expect(patches(alignPlan(two, 'bottom', canvas).edits)).toEqual([
      { x: 1360, y: 708 },
      { x: 96, y: 900 },
    ]);
  });

  it('fits, stretches, centres and nudges', () => {
    const title = chosenItems(placed, ['g3']);
    expect(patches(fitPlan(title, 'fit', canvas).edits)).toEqual([
      { x: 0, y: 448, width: 1920, height: 184, rotation: 0 },
    ]);
    expect(patches(fitPlan(title, 'stretch', canvas).edits)).toEqual([
      { x: 0, y: 0, width: 1920, height: 1080, rotation: 0 },
    ]);
    expect(patches(centrePlan(title, canvas).edits)).toEqual([{ x: 554, y: 501 }]);
    expect(patches(nudgePlan(title, -100, 10).edits)).toEqual([{ x: -4, y: 910 }]);
    const locked = title.map((one) => ({ ...one, item: { ...one.item, isLocked: true } }));
    expect(nudgePlan(locked, 1, 1).edits).toEqual([]);
  });
});

describe('order', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  it.each([
    ['front', ['b', 'c'], 'adebc'],
    ['back', ['b', 'd'], 'bdace'],
    ['forward', ['b', 'c'], 'adbce'],
    ['forward', ['e'], 'abcde'],
    ['backward', ['b', 'd'], 'badce'],
    ['backward', ['a', 'b'], 'abcde'],
  ] as const)('%s %j gives %s', (step, chosen, expected) => {
    expect(reordered(ids, new Set<string>(chosen), step).join('')).toBe(expected);
  });

  it('any order becomes any other by its moves', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(ids, { minLength: 5 }),
        fc.shuffledSubarray(ids, { minLength: 5 }),
        (from, to) => {
          const snapshot = believableSnapshot();
          const scene = snapshot.scenes[1];
          if (!scene?.items[0]) throw new Error('no scene');
          const first = scene.items[0];
          const items = from.map((id) => ({ ...first, id }));
          const show = { ...snapshot, scenes: [{ ...scene, items }] };
          const plan = orderPlan(placeItems(show.scenes[0], show.sources), new Set(['a']), to);
          expect(applied(show, plan.edits).scenes[0]?.items.map(({ id }) => id)).toEqual(to);
          expect(movesBetween(to, to)).toEqual([]);
        },
      ),
    );
  });
});

describe('the clipboard', () => {
  const snapshot = believableSnapshot();
  const [, gameplay, talk] = snapshot.scenes;
  if (!gameplay || !talk) throw new Error('no scenes');

  it('carries items as text from one window to another', () => {
    const copied = copiedItems(gameplay, snapshot.sources, ['g3', 'g2']);
    if (!copied) throw new Error('nothing copied');
    expect(readCopied(copiedText(copied))).toEqual(copied);
    expect(readCopied('Friday night')).toBeNull();
    expect(readCopied('{"type":"stream-manager-studio/items","version":1,"items":[{"id":7}]}')).toBeNull();
    expect(copiedItems(gameplay, snapshot.sources, ['t1'])).toBeNull();
  });

  it('into another scene shows the same source, with a new item', () => {
    const copied = copiedItems(gameplay, snapshot.sources, ['g3']);
    if (!copied) throw new Error('nothing copied');
    const plan = pastePlan(copied, talk, snapshot.sources, {
      newId: counter(),
      isSeparate: false,
      verb: 'Paste',
    });
    const after = applied(snapshot, plan.edits);
    const pasted = after.scenes[2]?.items.at(-1);
    expect(pasted).toMatchObject({ id: 'new-1', sourceId: 'title', x: 96, y: 900 });
    expect(plan).toMatchObject({ itemIds: ['new-1'], label: 'Paste Stream title' });
    expect(after.sources).toHaveLength(snapshot.sources.length);
  });

  it('a duplicate of a text is one of its own, beside it; a film stays one film', () => {
    const copied = copiedItems(gameplay, snapshot.sources, ['g1', 'g3']);
    if (!copied) throw new Error('nothing copied');
    const plan = pastePlan(copied, gameplay, snapshot.sources, {
      newId: counter(),
      isSeparate: true,
      verb: 'Duplicate',
    });
    const after = applied(snapshot, plan.edits);
    const [film, text] = after.scenes[1]?.items.slice(-2) ?? [];
    expect(film).toMatchObject({ sourceId: 'capture', x: 24, y: 24 });
    expect(text).toMatchObject({ x: 120, y: 924 });
    expect(text?.sourceId).not.toBe('title');
    expect(after.sources.at(-1)).toMatchObject({
      id: text?.sourceId,
      name: 'Stream title 2',
      text: 'Friday night with the bells',
    });
    expect(plan.label).toBe('Duplicate 2 items');
  });

  it('brings a source that is not there any more, once for all its items', () => {
    const copied = copiedItems(gameplay, snapshot.sources, ['g3']);
    if (!copied) throw new Error('nothing copied');
    const twice = {
      ...copied,
      items: [...copied.items, ...copied.items.map((item) => ({ ...item, id: 'g3b', x: 0 }))],
    };
    const without = {
      ...snapshot,
      sources: snapshot.sources.filter(({ id }) => id !== 'title'),
      scenes: snapshot.scenes.map((scene) => ({
        ...scene,
        items: scene.items.filter(({ sourceId }) => sourceId !== 'title'),
      })),
    };
    const plan = pastePlan(twice, talk, without.sources, {
      newId: counter(),
      isSeparate: false,
      verb: 'Paste',
    });
    const after = applied(without, plan.edits);
    expect(after.sources.filter(({ name }) => name === 'Stream title')).toHaveLength(1);
    expect(after.scenes[2]?.items).toHaveLength(talk.items.length + 2);
  });

  it('a scene is duplicated beside the original, with items of its own', () => {
    const plan = duplicateScenePlan(gameplay, snapshot.scenes, counter());
    const after = applied(snapshot, plan.edits);
    expect(after.scenes.map(({ name }) => name).slice(1, 3)).toEqual(['Gameplay', 'Gameplay 2']);
    expect(after.scenes[2]?.items.map(({ sourceId }) => sourceId)).toEqual(
      gameplay.items.map(({ sourceId }) => sourceId),
    );
  });

  it('names tell apart', () => {
    expect(freeName('Title', new Set())).toBe('Title');
    expect(freeName('Title', new Set(['Title', 'Title 2']))).toBe('Title 3');
    expect(freeName('Title 2', new Set(['Title 2']))).toBe('Title 3');
  });
});

describe('the editor', () => {
  const setUp = () => {
    const store = createStudioStore();
    store.setSnapshot(believableSnapshot());
    const selection = createSelectionStore();
    const sent: { edits: readonly EditInput[]; gesture: string | undefined }[] = [];
    let answer: (outcome: unknown) => void = () => undefined;
    const editor = new StageEditor({
      store,
      selection,
      newId: counter(),
      edit: (edits, _label, gesture) => {
        sent.push({ edits, gesture });
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
    });
    editor.measure({ width: 1920 + 28, height: 1080 + 28 });
    const detach = editor.attach();
    const pointer = (x: number, y: number) => ({
      at: { x, y },
      screen: { x, y },
      ...{ shift: false, ctrl: true, alt: false },
    });
    const engine = (edits: readonly EditInput[]): void => {
      const { snapshot } = store.getState();
      if (snapshot) store.setSlice('scenes', applied(snapshot, edits).scenes);
    };
    const done = async (outcome: unknown = {}): Promise<void> => {
      answer(outcome);
      await new Promise(setImmediate);
    };
    const webcam = () => editor.items.find(({ item }) => item.id === 'g2')?.box;
    return { store, selection, sent, editor, pointer, engine, done, webcam, detach };
  };

  it('leads: the frame is where the hand is before the engine has answered, and never jumps back', async () => {
    const { editor, pointer, sent, engine, done, webcam, detach } = setUp();
    editor.select(['g2']);
    editor.dispatch({ type: 'press', ...pointer(1400, 750), ctrl: false, grip: null, isPan: false });
    for (const x of [1390, 1380, 1370]) editor.dispatch({ type: 'move', ...pointer(x, 750) });
    expect(webcam()?.x).toBe(1330);
    expect(sent).toHaveLength(1);
    engine(sent[0]?.edits ?? []);
    expect(webcam()?.x).toBe(1330);
    editor.dispatch({ type: 'release', ...pointer(1370, 750) });
    const answeredAt = performance.now();
    await done();
    await vi.waitFor(() => expect(sent).toHaveLength(2));
    // The program shows no more of a drag than that.
    expect(performance.now() - answeredAt).toBeGreaterThan(20);
    expect(sent[1]).toMatchObject({ edits: [{ patch: { x: 1330 } }], gesture: sent[0]?.gesture });
    expect(webcam()?.x).toBe(1330);
    await done();
    // Answered, and the slice is still on its way.
    expect(webcam()?.x).toBe(1330);
    engine(sent[1]?.edits ?? []);
    expect(editor.store.getState().drafts.size).toBe(0);
    expect(webcam()?.x).toBe(1330);
    detach();
  });

  it('keeps what is held under the hand when the stage changes its size, and fits afterwards', () => {
    const { editor, pointer, webcam, detach } = setUp();
    editor.select(['g2']);
    editor.dispatch({ type: 'press', ...pointer(1400, 750), ctrl: false, grip: null, isPan: false });
    editor.dispatch({ type: 'move', ...pointer(1380, 750) });
    editor.measure({ width: 988, height: 568 });
    expect(editor.view.scale).toBe(1);
    expect(webcam()?.x).toBe(1340);
    editor.dispatch({ type: 'release', ...pointer(1380, 750) });
    expect(editor.view.scale).toBe(0.5);
    detach();
  });

  it('shows the engine’s truth again when an edit is refused', async () => {
    const { editor, done, webcam, detach } = setUp();
    editor.select(['g2']);
    editor.commands.nudge(10, 0);
    expect(webcam()?.x).toBe(1370);
    await done(null);
    expect(webcam()?.x).toBe(1360);
    detach();
  });

  it('lets go of what is held when the connection is lost, and shows what the engine has', async () => {
    const { store, editor, pointer, sent, engine, done, webcam, detach } = setUp();
    store.setConnection({ state: 'open' });
    editor.select(['g2']);
    editor.dispatch({ type: 'press', ...pointer(1400, 750), ctrl: false, grip: null, isPan: false });
    for (const x of [1390, 1370]) editor.dispatch({ type: 'move', ...pointer(x, 750) });
    engine(sent[0]?.edits ?? []);
    expect(webcam()?.x).toBe(1330);
    store.setConnection({ state: 'lost', attempt: 1, retryAt: 0, reason: 'gone' });
    await done(null);
    // No release is heard of without a connection, and the way back is not sent either.
    expect(editor.store.getState().tool.tool).toBe('idle');
    expect(webcam()?.x).toBe(1350);
    store.setConnection({ state: 'open' });
    editor.dispatch({ type: 'move', ...pointer(1300, 700) });
    expect(webcam()?.x).toBe(1350);
    expect(sent).toHaveLength(1);
    detach();
  });

  it('arrow keys in a row are one step of undo, each its own after a change of selection', async () => {
    const { editor, sent, done, detach } = setUp();
    editor.select(['g2']);
    for (let press = 0; press < 3; press++) {
      editor.commands.nudge(1, 0);
      await done();
    }
    editor.select(['g3']);
    editor.commands.nudge(1, 0);
    await done();
    expect(new Set(sent.map(({ gesture }) => gesture)).size).toBe(2);
    expect(sent.map(({ edits }) => edits[0]?.type === 'item.update' && edits[0].patch.x)).toEqual([
      1361, 1362, 1363, 97,
    ]);
    detach();
  });

  it('chooses what was pasted as soon as it is there', async () => {
    const { editor, selection, sent, engine, done, detach } = setUp();
    editor.select(['g3']);
    editor.commands.duplicate();
    expect(selection.getState().itemIds).toEqual(['g3']);
    const { snapshot } = editor;
    if (!snapshot) throw new Error('no snapshot');
    engine(sent[0]?.edits ?? []);
    await done();
    expect(selection.getState().itemIds).toHaveLength(1);
    expect(selection.getState().itemIds).not.toEqual(['g3']);
    detach();
  });
});
