import type { Page } from 'playwright-core';

/** Lets a file go over the picture, as a person who drags it from their desktop does. @param at pixels of the page */
export async function dropFile(
  page: Page,
  file: { readonly name: string; readonly type: string; readonly content: Buffer },
  at: { readonly x: number; readonly y: number },
): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ([name, type, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name, { type }));
      return transfer;
    },
    [file.name, file.type, file.content.toString('base64')] as const,
  );
  const surface = page.getByTestId('canvas-editor');
  for (const event of ['dragover', 'drop'])
    await surface.dispatchEvent(event, { dataTransfer, clientX: at.x, clientY: at.y });
}
