import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** more than any window of ours has things to focus */
const mostSteps = 60;

/**
 * Presses Tab until the focus is on the thing of this name. Everything it comes by must show that it has the focus.
 * @throws Error naming what it came by instead
 */
export async function tabTo(page: Page, name: string): Promise<void> {
  const walk: string[] = [];
  for (let step = 0; step < mostSteps; step++) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (!now) continue;
    walk.push(now.name);
    expect(now.isVisible, `${now.name} shows its focus`).toBe(true);
    if (now.name === name) return;
  }
  throw new Error(`the keyboard never reached ${name}; it came by: ${walk.join(', ')}`);
}

/** Presses a key (an arrow, within a list) until the focus is on the thing of this name. @throws Error as `tabTo` */
export async function walkTo(page: Page, key: string, name: string): Promise<void> {
  const walk: string[] = [];
  for (let step = 0; step < mostSteps; step++) {
    const now = await focused(page);
    if (now?.name === name) return;
    walk.push(now?.name ?? 'nothing');
    await page.keyboard.press(key);
  }
  throw new Error(`${key} never reached ${name}; it came by: ${walk.join(', ')}`);
}

const focused = (page: Page): Promise<{ name: string; isVisible: boolean } | null> =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return null;
    const style = getComputedStyle(element);
    return {
      name: element.getAttribute('aria-label') ?? element.textContent?.trim() ?? '',
      isVisible: style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 1,
    };
  });
