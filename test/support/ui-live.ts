import type { Locator, Page } from 'playwright-core';

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

/** Adds a server of one's own to the destinations, as a person does. */
export async function addServer(
  page: Page,
  { name, url, key }: { readonly name: string; readonly url: string; readonly key: string },
): Promise<Locator> {
  await page.getByRole('button', { name: 'Add destination', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Add destination' });
  await dialog.getByText('Other', { exact: true }).click();
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Server address').fill(url);
  await dialog.getByLabel('Stream key').fill(key);
  await dialog.getByRole('button', { name: 'Add destination' }).click();
  await dialog.waitFor({ state: 'detached' });
  const row = page.getByRole('listitem', { name });
  await row.getByText('Idle').waitFor();
  return row;
}
