import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectionSchema } from '../../shared/model/collection';
import { editSchema } from '../../shared/model/edit';
import type { Edit, EditInput } from '../../shared/model/edit';
import { StudioError } from '../../electron/streaming/lib/errors';
import { ShowEditor } from '../../electron/studio/show-editor';
import { arbitraryEdit, arbitraryShow } from '../support/arbitrary-show';

const edits = (...inputs: EditInput[]): Edit[] => inputs.map((input) => editSchema.parse(input));

function threeScenes(): ShowEditor {
  const collection = collectionSchema.parse({
    version: 1,
    sources: [{ id: 'title', name: 'Title', kind: 'text', text: 'Hello' }],
    scenes: ['a', 'b', 'c'].map((id) => ({
      id,
      name: id.toUpperCase(),
      items: [{ id: `${id}-title`, sourceId: 'title' }],
    })),
  });
  return new ShowEditor(collection, 'b');
}

/** What an attempt at an edit did: not every one fits. */
function attempt(editor: ShowEditor, edit: Edit): boolean {
  try {
    editor.edit([edit], edit.type);
    return true;
  } catch (error) {
    if (error instanceof StudioError) return false;
    throw error;
  }
}

describe('the way back', () => {
  it('undo after do is the show as it was, redo after undo the show as it became, for any edits', () => {
    let steps = 0;
    fc.assert(
      fc.property(arbitraryShow, fc.array(arbitraryEdit, { maxLength: 30 }), (show, list) => {
        const editor = new ShowEditor(show, show.programSceneId ?? '');
        const states = [editor.collection];
        for (const edit of list) {
          const before = structuredClone(editor.collection);
          if (!attempt(editor, edit)) expect(editor.collection).toEqual(before);
          if (editor.collection !== states.at(-1)) states.push(editor.collection);
        }
        steps += states.length - 1;
        const frozen = structuredClone(states);
        for (const state of [...frozen].reverse().slice(1)) {
          editor.undo();
          expect(editor.collection).toEqual(state);
        }
        expect(editor.undoLabel).toBeNull();
        for (const state of frozen.slice(1)) {
          editor.redo();
          expect(editor.collection).toEqual(state);
        }
        expect(editor.redoLabel).toBeNull();
      }),
      { numRuns: 200 },
    );
    // Many edits fit no show: enough must have.
    expect(steps).toBeGreaterThan(300);
  });

  it('every show on the way could be saved and read again', () => {
    fc.assert(
      fc.property(arbitraryShow, fc.array(arbitraryEdit, { maxLength: 20 }), (show, list) => {
        const editor = new ShowEditor(show, show.programSceneId ?? '');
        for (const edit of list) attempt(editor, edit);
        const read: unknown = JSON.parse(JSON.stringify(editor.collection));
        expect(collectionSchema.parse(read)).toEqual(editor.collection);
        expect(editor.collection.scenes.map(({ id }) => id)).toContain(editor.sceneId);
      }),
      { numRuns: 200 },
    );
  });

  it('goes back more than 500 steps', () => {
    const editor = threeScenes();
    const before = editor.collection;
    for (let x = 1; x <= 600; x += 1)
      editor.edit(edits({ type: 'item.update', itemId: 'a-title', patch: { x } }), `Move to ${x}`);
    expect(editor.undoLabel).toBe('Move to 600');
    for (let step = 0; step < 600; step += 1) editor.undo();
    expect(editor.collection).toEqual(before);
    expect(editor.undoLabel).toBeNull();
    expect(editor.redoLabel).toBe('Move to 1');
  });

  it('a drag is one step, and what comes after an undo is another', () => {
    const editor = threeScenes();
    const move = (x: number, gesture: string): void =>
      editor.edit(edits({ type: 'item.update', itemId: 'b-title', patch: { x } }), 'Move Title', gesture);
    const x = (): number | undefined => editor.collection.scenes[1]?.items[0]?.x;
    for (let at = 1; at <= 60; at += 1) move(at, 'drag 1');
    for (let at = 61; at <= 70; at += 1) move(at, 'drag 2');
    editor.undo();
    expect(x()).toBe(60);
    move(99, 'drag 1');
    editor.undo();
    expect(x()).toBe(60);
    editor.undo();
    expect(x()).toBe(0);
    expect(editor.undoLabel).toBeNull();
  });

  it('what changes nothing is no step, and costs nothing that could be done again', () => {
    const editor = threeScenes();
    editor.edit(edits({ type: 'collection.rename', name: 'Other' }), 'Rename');
    editor.undo();
    editor.edit(edits({ type: 'item.update', itemId: 'a-title', patch: { x: 0 } }), 'Move nowhere');
    expect([editor.undoLabel, editor.redoLabel]).toEqual([null, 'Rename']);
  });

  it('a drag that came back to where it began costs nothing that could be done again, one that did not does', () => {
    const editor = threeScenes();
    const drag = (gesture: string, ...places: number[]): void => {
      for (const x of places)
        editor.edit(edits({ type: 'item.update', itemId: 'a-title', patch: { x } }), 'Move Title', gesture);
    };
    editor.edit(edits({ type: 'collection.rename', name: 'Other' }), 'Rename');
    editor.undo();
    drag('there and back', 10, 20, 0);
    expect([editor.undoLabel, editor.redoLabel]).toEqual([null, 'Rename']);
    editor.redo();
    expect(editor.collection.name).toBe('Other');
    editor.undo();
    drag('away', 10, 20);
    expect([editor.undoLabel, editor.redoLabel]).toEqual(['Move Title', null]);
  });

  it('all edits or none', () => {
    const editor = threeScenes();
    const before = editor.collection;
    const add: EditInput = {
      type: 'source.add',
      source: { id: 'new', name: 'New', kind: 'color', color: '#ff0000', width: 10, height: 10 },
    };
    const attempted = (wrong: EditInput) => () => editor.edit(edits(add, wrong), 'Both');
    expect(attempted({ type: 'item.remove', itemId: 'nothing' })).toThrow(
      expect.objectContaining({ code: 'item-not-found', details: { itemId: 'nothing' } }),
    );
    expect(attempted({ type: 'scene.remove', sceneId: 'nothing' })).toThrow(
      expect.objectContaining({ code: 'scene-not-found' }),
    );
    expect(attempted({ type: 'source.remove', sourceId: 'nothing' })).toThrow(
      expect.objectContaining({ code: 'source-not-found' }),
    );
    expect(attempted(add)).toThrow(expect.objectContaining({ code: 'edit-invalid' }));
    expect(editor.collection).toBe(before);
    expect(editor.undoLabel).toBeNull();
  });
});

describe('the scene on program', () => {
  it('gives way to its neighbour when it is removed, and is back on program after undo', () => {
    const editor = threeScenes();
    editor.edit(edits({ type: 'scene.remove', sceneId: 'b' }), 'Delete B');
    expect(editor.sceneId).toBe('c');
    editor.edit(edits({ type: 'scene.remove', sceneId: 'c' }), 'Delete C');
    expect(editor.sceneId).toBe('a');
    editor.undo();
    expect(editor.sceneId).toBe('c');
    editor.undo();
    expect(editor.sceneId).toBe('b');
  });

  it('stays where a person has put it since', () => {
    const editor = threeScenes();
    editor.edit(edits({ type: 'scene.remove', sceneId: 'b' }), 'Delete B');
    editor.switchScene('a');
    editor.undo();
    expect(editor.sceneId).toBe('a');
    editor.switchScene('b');
    editor.redo();
    expect(editor.sceneId).toBe('c');
  });

  it('is the first one of a show that names none of its own', () => {
    const editor = threeScenes();
    const scene = (id: string) => ({ id, name: id, items: [] });
    const other = { ...editor.collection, scenes: [scene('x'), scene('y')], programSceneId: 'nowhere' };
    editor.replace(other, 'Import');
    expect(editor.sceneId).toBe('x');
    editor.undo();
    expect(editor.sceneId).toBe('b');
    editor.redo();
    expect([editor.sceneId, editor.collection.programSceneId]).toEqual(['x', 'x']);
  });

  it('is no step of undo, and must be one that is there', () => {
    const editor = threeScenes();
    editor.switchScene('c');
    expect([editor.sceneId, editor.undoLabel, editor.collection.programSceneId]).toEqual(['c', null, 'c']);
    expect(() => editor.switchScene('d')).toThrow(expect.objectContaining({ code: 'scene-not-found' }));
  });

  it('of a show that takes the place of another is the one it says', () => {
    const editor = threeScenes();
    const other = collectionSchema.parse({
      version: 1,
      sources: [],
      scenes: [
        { id: 'x', name: 'X', items: [] },
        { id: 'y', name: 'Y', items: [] },
      ],
      programSceneId: 'y',
    });
    editor.replace(other, 'Import');
    expect(editor.collection).toEqual(other);
    editor.undo();
    expect(editor.sceneId).toBe('b');
  });
});
