import { describe, expect, it } from 'vitest';
import { defaultHotkeys } from '../../shared/contract/settings';

/** Chrome, Edge and Firefox do not ask the page before they obey these. */
const ofBrowsers =
  /^Ctrl\+(Shift\+)?(Key[NTW]|Tab|PageUp|PageDown)$|^Ctrl\+(F4|Key[QL]|Digit\d)$|^Ctrl\+Shift\+(KeyQ|Delete)$|^Alt\+/;

describe('the hotkeys that the studio comes with', () => {
  it.each(Object.entries(defaultHotkeys))('%s is %s, which reaches a page', (_, combination) => {
    expect(combination).not.toMatch(ofBrowsers);
  });

  it('are all different', () => {
    const combinations = Object.values(defaultHotkeys);
    expect(new Set(combinations).size).toBe(combinations.length);
  });
});
