import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { programPath } from './requires';

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: programPath('chromium'),
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // WebGL without a graphics card.
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
    ],
  });

export interface UiPage {
  page: Page;
  /** console errors, uncaught exceptions and breaches of the content security policy; tests expect none */
  problems: string[];
  close(): Promise<void>;
}

interface UiPageOptions {
  width?: number;
  height?: number;
  scale?: number;
}

export async function openUi(
  browser: Browser,
  url: string,
  { width = 1280, height = 720, scale = 1 }: UiPageOptions = {},
): Promise<UiPage> {
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: scale,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    const isConnectionLoss = /WebSocket connection to .* failed/.test(message.text());
    if (
      ['error', 'warning'].includes(message.type()) &&
      !isConnectionLoss &&
      !/GPU stall|swiftshader|GL Driver/i.test(message.text())
    )
      problems.push(`${message.type()}: ${message.text()}`);
  });
  await page.goto(url);
  return { page, problems, close: () => context.close() };
}
