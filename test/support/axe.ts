import axe from 'axe-core';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe finds wrong with the page as it is now: `rule: what (where)`, one line each. */
export async function axeFindings(page: Page): Promise<string[]> {
  // A dialog that is still fading in has the contrast of neither state. (What pulses for ever is not waited for.)
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime))
        .map(({ finished }) => finished),
    ).then(() => undefined),
  );
  // Through the protocol: the page's own policy would refuse a script.
  await page.evaluate(axe.source);
  const results = await page.evaluate(
    (options) =>
      (globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run(options),
    {
      resultTypes: ['violations'],
      // Around a dialog that is no window of its own stand buttons of React Aria, outside of every landmark.
      rules: { region: { enabled: (await page.locator('.show-popover').count()) === 0 } },
    } satisfies RunOptions,
  );
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, html }) => `${id}: ${help} (${target.join(' ')}) ${html.slice(0, 120)}`),
  );
}
