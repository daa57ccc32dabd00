import { describe, expect, it } from 'vitest';
import { BehindSpell } from '../../electron/streaming/output/behind-spell';

const sec = 1_000_000;

/** a spell that has just begun */
function begun(): BehindSpell {
  const spell = new BehindSpell();
  expect(spell.late()).toBe(true);
  return spell;
}

describe('a spell of being late', () => {
  it('is announced once while the encoder hovers around the limit', () => {
    const spell = begun();
    for (let at = 0; at < 10 * sec; at += 40_000) {
      spell.taken(490, at);
      expect(spell.late()).toBe(false);
    }
  });

  it('ends after two seconds below 250 ms, not before', () => {
    const spell = begun();
    spell.taken(249, 0);
    spell.taken(100, 2 * sec - 1);
    expect(spell.late()).toBe(false);
    spell.taken(100, 3 * sec);
    spell.taken(100, 5 * sec);
    expect(spell.late()).toBe(true);
  });

  it.each([
    ['250 ms or more', (spell: BehindSpell) => spell.taken(250, sec)],
    ['a frame left out for being late', (spell: BehindSpell) => void spell.late()],
    ['a frame left out during a restart', (spell: BehindSpell) => spell.interrupted()],
  ])('counts the two seconds anew after %s', (_what, disturb) => {
    const spell = begun();
    spell.taken(0, 0);
    disturb(spell);
    spell.taken(0, 2 * sec);
    spell.taken(0, 4 * sec - 1);
    expect(spell.late()).toBe(false);
  });

  it('is not begun by frames that are taken or lost to a restart', () => {
    const spell = new BehindSpell();
    spell.interrupted();
    spell.taken(400, 0);
    expect(spell.late()).toBe(true);
  });
});
