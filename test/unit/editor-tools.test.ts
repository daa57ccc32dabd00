import { describe, expect, it } from 'vitest';
import type { Grip } from '../../renderer/editor/handles';
import { placeItems } from '../../renderer/editor/placed-item';
import { step } from '../../renderer/editor/tool-machine';
import { idle } from '../../renderer/editor/tool-state';
import type { EditorWorld, PointerInput, ToolEffect, ToolState } from '../../renderer/editor/tool-state';
import type { SourceView } from '../../shared/contract/show';
import type { ItemPatch } from '../../shared/model/edit';
import { sceneItemSchema } from '../../shared/model/scene';
import type { SceneItem } from '../../shared/model/scene';
import { sourceSchema } from '../../shared/model/source';

const source = (id: string, kind: 'image' | 'color' = 'image'): SourceView => ({
  ...{
    id,
    name: id,
    kind,
    state: 'ok',
    error: null,
    deviceId: null,
    playback: null,
    size: { width: 400, height: 200 },
  },
  settings: sourceSchema.parse(
    kind === 'image'
      ? { id, name: id, kind, path: 'x.png' }
      : { id, name: id, kind, color: '#ff0000', width: 400, height: 200 },
  ),
});
const item = (id: string, place: Partial<SceneItem> = {}): SceneItem => ({
  ...sceneItemSchema.parse({ id, sourceId: id }),
  ...place,
});

/** back fills the canvas; a and b lie on it, c is turned, locked cannot be reached, lost has no size */
const items = [
  item('back', { width: 1920, height: 1080 }),
  item('a', { x: 200, y: 200 }),
  item('b', { x: 400, y: 300 }),
  item('c', { x: 1000, y: 500, rotation: 90 }),
  item('locked', { x: 1500, y: 100, width: 100, height: 100, isLocked: true }),
  item('hidden', { x: 1500, y: 300, width: 100, height: 100, visible: false }),
  item('lost', { x: 0, y: 0 }),
];
const sources = [
  ...['back', 'a', 'c', 'locked', 'hidden'].map((id) => source(id)),
  source('b', 'color'),
  { ...source('lost'), size: null },
];

interface Input extends Partial<Omit<PointerInput, 'at' | 'screen'>> {
  grip?: Grip;
  isPan?: boolean;
}

/** A hand with a show under it; the show follows as the engine would. */
class Hand {
  state: ToolState = idle;
  selection: readonly string[] = [];
  readonly effects: ToolEffect[] = [];
  readonly sent: [string, ItemPatch][] = [];
  scene = { id: 's', name: 'S', items: [...items] };
  #at = { x: 0, y: 0 };
  #input: Input = {};

  get world(): EditorWorld {
    return {
      canvas: { width: 1920, height: 1080 },
      items: placeItems(this.scene, sources),
      selection: this.selection,
      scale: 1,
    };
  }
  get #event(): PointerInput {
    const { shift = false, ctrl = false, alt = false } = this.#input;
    return { at: this.#at, screen: this.#at, shift, ctrl, alt };
  }

  press(x: number, y: number, input: Input = {}): this {
    this.#input = input;
    this.#at = { x, y };
    const { grip = null, isPan = false } = input;
    return this.#tell({ type: 'press', ...this.#event, grip, isPan });
  }
  move(x: number, y: number, input: Input = this.#input): this {
    this.#input = input;
    this.#at = { x, y };
    return this.#tell({ type: 'move', ...this.#event });
  }
  release(): this {
    return this.#tell({ type: 'release', ...this.#event });
  }
  cancel(): this {
    return this.#tell({ type: 'cancel' });
  }
  click(x: number, y: number, input: Input = {}): this {
    return this.press(x, y, input).release();
  }
  itemNow(id: string): SceneItem | undefined {
    return this.scene.items.find((each) => each.id === id);
  }

  #tell(event: Parameters<typeof step>[1]): this {
    const { state, effects } = step(this.state, event, this.world);
    this.state = state;
    for (const effect of effects) {
      this.effects.push(effect);
      if (effect.type === 'select') this.selection = effect.itemIds;
      if (effect.type === 'edit' || effect.type === 'revert')
        for (const [id, patch] of effect.patches) this.sent.push([id, patch]);
    }
    return this;
  }
}
const last = (hand: Hand): [string, ItemPatch] | undefined => hand.sent.at(-1);

describe('choosing', () => {
  it.each([
    ['the topmost', 450, 350, 'b'],
    ['what the other leaves free', 250, 250, 'a'],
    ['a turned one where it is, not where it was', 1200, 420, 'c'],
    ['not where a turned one was before it was turned', 1020, 600, 'back'],
    ['through a locked one', 1550, 150, 'back'],
    ['through a hidden one', 1550, 350, 'back'],
  ])('%s', (_, x, y, id) => {
    expect(new Hand().click(x, y).selection).toEqual([id]);
  });

  it('shift and control add and take away, a click on one of several chooses that one', () => {
    const hand = new Hand().click(450, 350).click(250, 250, { shift: true });
    expect(hand.selection).toEqual(['b', 'a']);
    expect(hand.click(450, 350, { ctrl: true }).selection).toEqual(['a']);
    expect(hand.click(450, 350, { ctrl: true }).click(450, 350).selection).toEqual(['b']);
  });

  it('alt goes down one by one and starts again at the top', () => {
    const hand = new Hand();
    const seen = [1, 2, 3, 4].map(() => hand.click(450, 350, { alt: true }).selection[0]);
    expect(seen).toEqual(['b', 'a', 'back', 'b']);
  });

  it('a click beside everything chooses nothing, with shift it keeps what is chosen', () => {
    const hand = new Hand().click(450, 350);
    expect(hand.click(-50, -50, { shift: true }).selection).toEqual(['b']);
    expect(hand.click(-50, -50).selection).toEqual([]);
  });

  it('a trembling hand clicks', () => {
    const hand = new Hand().press(450, 350).move(452, 352).release();
    expect(hand.sent).toEqual([]);
    expect(hand.effects.some(({ type }) => type === 'begin')).toBe(false);
  });

  it('a marquee catches what it touches and lets go again; Escape brings back what was chosen', () => {
    const hand = new Hand().press(-20, -20).move(300, 300);
    expect(hand.state.tool).toBe('marquee');
    expect(hand.selection).toEqual(['back', 'a']);
    hand.move(450, 350);
    expect(hand.selection).toEqual(['back', 'a', 'b']);
    hand.move(-5, -5);
    expect(hand.selection).toEqual([]);
    hand.release().click(450, 350);
    expect(hand.press(-20, -20, { shift: true }).move(300, 300).cancel().selection).toEqual(['b']);
  });
});

describe('moving', () => {
  it('is one gesture: it begins once, edits, and ends', () => {
    const hand = new Hand()
      .press(450, 350)
      .move(500, 380, { ctrl: true })
      .move(523, 391, { ctrl: true })
      .release();
    expect(hand.effects.map(({ type }) => type)).toEqual(['select', 'begin', 'edit', 'edit', 'edit', 'end']);
    expect(hand.effects[1]).toEqual({ type: 'begin', label: 'Move b' });
    expect(last(hand)).toEqual(['b', { x: 473, y: 341 }]);
    expect(hand.state).toEqual(idle);
  });

  it('takes all that is chosen, but what is locked', () => {
    const hand = new Hand();
    hand.selection = ['a', 'b', 'locked'];
    hand.press(450, 350).move(460, 360, { ctrl: true }).release();
    expect(hand.sent.slice(-2)).toEqual([
      ['a', { x: 210, y: 210 }],
      ['b', { x: 410, y: 310 }],
    ]);
  });

  it('sticks to lines unless control is held, and keeps to one axis with shift', () => {
    const hand = new Hand().press(450, 350).move(53, 350);
    expect(last(hand)).toEqual(['b', { x: 0, y: 300 }]);
    expect(hand.state).toMatchObject({
      guides: expect.arrayContaining([{ axis: 'x', at: 0, from: 0, to: 1080 }]),
    });
    hand.move(53, 350, { ctrl: true });
    expect(last(hand)).toEqual(['b', { x: 3, y: 300 }]);
    hand.move(551, 377, { shift: true });
    expect(last(hand)).toEqual(['b', { x: 501, y: 300 }]);
  });

  it('alt takes hold of what is chosen though something lies over it', () => {
    const hand = new Hand();
    hand.selection = ['a'];
    hand.press(450, 350, { alt: true }).move(460, 350, { ctrl: true, alt: true });
    expect(last(hand)).toEqual(['a', { x: 210, y: 200 }]);
  });

  it('Escape puts everything back as it was', () => {
    const hand = new Hand().press(450, 350).move(700, 700).cancel();
    expect(hand.effects.slice(-2).map(({ type }) => type)).toEqual(['revert', 'end']);
    expect(last(hand)?.[1]).toMatchObject({ x: 400, y: 300, width: null, height: null, rotation: 0 });
  });

  it('leaves out what somebody removed meanwhile', () => {
    const hand = new Hand();
    hand.selection = ['a', 'b'];
    hand.press(450, 350).move(460, 360);
    hand.scene = { ...hand.scene, items: hand.scene.items.filter(({ id }) => id !== 'a') };
    hand.sent.length = 0;
    hand.move(480, 380);
    expect(hand.sent.map(([id]) => id)).toEqual(['b']);
  });
});

describe('resizing', () => {
  const from = (id: string, grip: Grip, x: number, y: number, input: Input = {}): Hand => {
    const hand = new Hand();
    hand.selection = [id];
    return hand.press(x, y, { ...input, grip });
  };

  it('at a corner keeps the proportions of a picture, and shift frees them', () => {
    const hand = from('a', 'se', 600, 400).move(800, 400, { ctrl: true });
    expect(last(hand)).toEqual(['a', { x: 200, y: 200, width: 560, height: 280 }]);
    hand.move(800, 400, { ctrl: true, shift: true });
    expect(last(hand)).toEqual(['a', { x: 200, y: 200, width: 600, height: 200 }]);
  });

  it('of a plain colour is free, and shift keeps its proportions', () => {
    const hand = from('b', 'se', 800, 500).move(900, 500, { ctrl: true });
    expect(last(hand)).toEqual(['b', { x: 400, y: 300, width: 500, height: 200 }]);
    hand.move(900, 550, { ctrl: true, shift: true });
    expect(last(hand)).toEqual(['b', { x: 400, y: 300, width: 500, height: 250 }]);
  });

  it('with alt on a handle crops instead, in the source’s own pixels', () => {
    const hand = from('a', 'w', 200, 300, { alt: true }).move(240, 300, { alt: true });
    expect(hand.state.tool).toBe('cropping');
    expect(last(hand)).toEqual(['a', { crop: { left: 40, top: 0, right: 0, bottom: 0 }, x: 240, y: 200 }]);
  });

  it('of several carries all of them, and from the centre with alt', () => {
    const hand = new Hand();
    hand.selection = ['a', 'b'];
    hand.press(800, 500, { grip: 'se' }).move(1100, 650, { ctrl: true });
    expect(hand.sent.slice(-2)).toEqual([
      ['a', { x: 200, y: 200, width: 600, height: 300 }],
      ['b', { x: 500, y: 350, width: 600, height: 300 }],
    ]);
    hand.move(1100, 650, { ctrl: true, alt: true });
    expect(hand.sent.slice(-2).map(([, patch]) => patch.x)).toEqual([-100, 300]);
  });
});

describe('turning', () => {
  it('one about its own centre leaves its place alone', () => {
    const hand = new Hand();
    hand.selection = ['a'];
    hand.press(400, 170, { grip: 'rotate' }).move(530, 300, { ctrl: true }).release();
    expect(last(hand)).toEqual(['a', { rotation: 90 }]);
    hand.press(400, 170, { grip: 'rotate' }).move(460, 190, { shift: true });
    expect(last(hand)).toEqual(['a', { rotation: 30 }]);
  });

  it('several about their common centre', () => {
    const hand = new Hand();
    hand.selection = ['a', 'b'];
    hand.press(500, 150, { grip: 'rotate' }).move(700, 350, { ctrl: true });
    const patches = Object.fromEntries(hand.sent.slice(-2));
    expect(patches['a']).toEqual({ x: 350, y: 150, rotation: 90 });
    expect(patches['b']).toEqual({ x: 250, y: 350, rotation: 90 });
  });
});

describe('panning', () => {
  it('follows the hand and changes nothing of the show', () => {
    const hand = new Hand().press(450, 350, { isPan: true }).move(470, 340).move(480, 345).release();
    expect(hand.effects).toEqual([
      { type: 'pan', by: { x: 20, y: -10 } },
      { type: 'pan', by: { x: 10, y: 5 } },
    ]);
  });
});
