import type { Page } from 'playwright-core';

/** From the pressed “Go live” to being live: all well goes on by itself, warnings are taken note of. */
export async function passPreflight(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Before you go live' });
  await dialog
    .getByRole('status', { name: 'Outcome' })
    .getByText(/All is well|to know before/)
    .waitFor();
  const anyway = dialog.getByRole('button', { name: /^Go live (now|anyway)$/ });
  // Gone by itself in the meantime: that is what was wanted.
  await Promise.race([
    anyway.click().catch(() => undefined),
    dialog.waitFor({ state: 'detached', timeout: 30_000 }),
  ]);
  await dialog.waitFor({ state: 'detached' });
}
